//! Grid of equally large panels with legend, titles and axis labels, wrapped to the width of a printed page.

use super::drawing::{Anchor, Drawing};
use super::markers::Marker;
use super::panel::Panel;

/// Widest figure in pixels. Printed 17.5 cm wide (a page of two columns), text of 11 pixels is 7 pt high.
pub(super) const MAX_WIDTH: f64 = 779.0;
/// Height of a legend line.
const LEGEND_LINE: f64 = 18.0;
/// Margin above a legend or the first titles.
const TOP: f64 = 12.0;
/// Height of a line of panel titles.
const TITLE: f64 = 22.0;

/// A name in a legend, with its marker.
pub(super) type LegendEntry<'a> = (&'a str, Marker);

/// Layout of a figure: `columns` x `heights.len()` panels. Columns that do not fit beside each other are wrapped into further
/// bands, each with all rows. All lengths are in pixels.
pub(super) struct PanelGrid<'a> {
    pub(super) columns: usize,
    /// Least and greatest width of a panel.
    pub(super) width: (f64, f64),
    /// Height of the panels of each row.
    pub(super) heights: Vec<f64>,
    /// Room to the left of the first panel of a band, and to the left of each following one.
    pub(super) left: f64,
    pub(super) gap: f64,
    /// Room between two rows of a band.
    pub(super) row_gap: f64,
    /// Room to the right of the last panel.
    pub(super) right: f64,
    /// Most panels beside each other.
    pub(super) most_columns: usize,
    pub(super) legend: Vec<LegendEntry<'a>>,
    /// Title above each column; none if empty.
    pub(super) titles: Vec<String>,
    /// Label below each panel of the last row; none if empty.
    pub(super) x_labels: Vec<String>,
    /// Label and unit beside each row; none if empty.
    pub(super) y_labels: Vec<[String; 2]>,
}

impl Default for PanelGrid<'_> {
    fn default() -> Self {
        Self {
            columns: 1,
            width: (190.0, 190.0),
            heights: vec![170.0],
            left: 78.0,
            gap: 36.0,
            row_gap: 26.0,
            right: 20.0,
            most_columns: usize::MAX,
            legend: Vec::new(),
            titles: Vec::new(),
            x_labels: Vec::new(),
            y_labels: Vec::new(),
        }
    }
}

impl PanelGrid<'_> {
    /// Returns the panel of a column and row with these axes.
    pub(super) fn panel(&self, column: usize, row: usize, x: (f64, f64), y: (f64, f64)) -> Panel {
        let (columns, width) = (self.columns_per_band(), self.panel_width());
        let left = self.left + (width + self.gap) * (column % columns) as f64;
        let above = self.heights[..row].iter().map(|h| h + self.row_gap);
        let top = self.band_top(column / columns) + above.sum::<f64>();
        let frame = [left, top, left + width, top + self.heights[row]];
        Panel { frame, x, y }
    }

    /// Returns whether a column is the first of its band, so that it carries the labels of the rows.
    pub(super) fn is_first_in_band(&self, column: usize) -> bool {
        column.is_multiple_of(self.columns_per_band())
    }

    /// Returns the right edge of the last panel of a full band.
    pub(super) fn right_edge(&self) -> f64 {
        self.frame(self.columns_per_band() - 1, 0).frame[2]
    }

    /// Returns a drawing of the right size with the legend, titles and axis labels on it.
    pub(super) fn draw_labels(&self) -> Drawing {
        let mut drawing = Drawing::new(self.total_width(), self.total_height());
        for ((name, marker), [x, y]) in self.legend.iter().zip(self.legend_positions()) {
            marker.draw(&mut drawing, [x, y - 4.0], 5.0);
            drawing.text([x + 10.0, y], name, 13.0, Anchor::Start);
        }
        for column in 0..self.columns {
            let [x, _] = self.frame(column, 0).centre();
            if let Some(title) = self.titles.get(column).filter(|title| !title.is_empty()) {
                let top = self.frame(column, 0).frame[1];
                drawing.text([x, top - 9.0], title, 13.0, Anchor::Middle);
            }
            if let Some(label) = self.x_labels.get(column) {
                let bottom = self.frame(column, self.heights.len() - 1).frame[3];
                drawing.text([x, bottom + 34.0], label, 12.0, Anchor::Middle);
            }
            if self.is_first_in_band(column) {
                for (row, [label, unit]) in self.y_labels.iter().enumerate() {
                    let [_, y] = self.frame(column, row).centre();
                    drawing.text_upwards([18.0, y], label, 13.0);
                    if !unit.is_empty() {
                        drawing.text_upwards([34.0, y], unit, 11.0);
                    }
                }
            }
        }
        drawing
    }

    fn frame(&self, column: usize, row: usize) -> Panel {
        self.panel(column, row, (0.0, 1.0), (0.0, 1.0))
    }

    /// Panels beside each other: bands are filled as evenly as possible.
    fn columns_per_band(&self) -> usize {
        let room = MAX_WIDTH - self.left - self.right + self.gap;
        let fitting = ((room / (self.width.0 + self.gap)) as usize).clamp(1, self.most_columns);
        let bands = self.columns.div_ceil(fitting).max(1);
        self.columns.div_ceil(bands).max(1)
    }

    fn bands(&self) -> usize {
        self.columns.div_ceil(self.columns_per_band()).max(1)
    }

    fn panel_width(&self) -> f64 {
        let columns = self.columns_per_band() as f64;
        let room = MAX_WIDTH - self.left - self.right + self.gap;
        (room / columns - self.gap)
            .floor()
            .clamp(self.width.0, self.width.1)
    }

    /// Width of the panels alone or of the longest legend entry, whichever is larger.
    fn total_width(&self) -> f64 {
        let names = self.legend.iter().map(|(name, _)| entry_width(name));
        let ends = names.map(|width| self.legend_left() + width);
        ends.fold(self.right_edge() + self.right, f64::max)
    }

    fn total_height(&self) -> f64 {
        self.band_top(self.bands()) - self.title_height()
    }

    /// Upper edge of the panels of a band.
    fn band_top(&self, band: usize) -> f64 {
        let rows =
            self.heights.iter().sum::<f64>() + self.row_gap * (self.heights.len() as f64 - 1.0);
        let axis = if self.x_labels.is_empty() { 26.0 } else { 46.0 };
        let legend = self.legend_positions();
        let legend = legend.last().map_or(0.0, |[_, y]| y + 8.0 - TOP);
        TOP + legend + self.title_height() + (rows + axis + self.title_height()) * band as f64
    }

    fn title_height(&self) -> f64 {
        if self.titles.is_empty() { 0.0 } else { TITLE }
    }

    /// A single narrow panel leaves no room for a legend to the right of its axis labels.
    fn legend_left(&self) -> f64 {
        if self.columns > 1 { self.left } else { 20.0 }
    }

    /// Position of each legend entry. Letters are assumed to be as wide as those of the widest common font.
    fn legend_positions(&self) -> Vec<[f64; 2]> {
        let columns = self.columns_per_band() as f64;
        let width = self.left + (self.panel_width() + self.gap) * columns - self.gap + self.right;
        let mut place = [self.legend_left(), TOP + 12.0];
        let mut positions = Vec::new();
        for (name, _) in &self.legend {
            if place[0] > self.legend_left() && place[0] + entry_width(name) - 24.0 > width {
                place = [self.legend_left(), place[1] + LEGEND_LINE];
            }
            positions.push(place);
            place[0] += entry_width(name);
        }
        positions
    }
}

fn entry_width(name: &str) -> f64 {
    34.0 + 7.8 * name.chars().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(columns: usize) -> PanelGrid<'static> {
        PanelGrid {
            columns,
            left: 79.0,
            gap: 40.0,
            right: 40.0,
            width: (190.0, 290.0),
            ..PanelGrid::default()
        }
    }

    #[test]
    fn five_panels_take_two_bands_and_no_band_is_wider_than_a_page() {
        let five = grid(5);
        let layout = (five.columns_per_band(), five.bands(), five.panel_width());
        assert_eq!(layout, (3, 2, 193.0));
        assert_eq!(five.total_width(), 778.0);
        let left_edge = |column| five.panel(column, 0, (0.0, 1.0), (0.0, 1.0)).frame[0];
        assert_eq!((left_edge(3), left_edge(4)), (79.0, 312.0));
        assert!(five.is_first_in_band(3) && !five.is_first_in_band(4));
        let single = grid(1);
        let widths = (single.columns_per_band(), single.panel_width());
        assert_eq!(widths, (1, 290.0));
        assert_eq!(grid(0).bands(), 1);
    }

    #[test]
    fn a_long_legend_moves_the_panels_down() {
        let legend = vec![("a loss with a long name", Marker::solid(0, "#000")); 9];
        let wrapped = PanelGrid { legend, ..grid(2) };
        let lines = wrapped.legend_positions();
        assert!(lines.windows(2).any(|pair| pair[0][1] < pair[1][1]));
        let lowest = lines.iter().map(|[_, y]| *y).fold(0.0, f64::max);
        assert!(wrapped.panel(0, 0, (0.0, 1.0), (0.0, 1.0)).frame[1] > lowest);
    }
}
