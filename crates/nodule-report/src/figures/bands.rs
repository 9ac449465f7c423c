//! Panels side by side, in as many bands as it takes: a figure is no wider than a page in print.

/// Pixels: printed 17.5 cm wide, as a page with two columns is, a figure of this width has text of 7 pt where it
/// is 11 pixels high.
pub(super) const WIDEST: f64 = 779.0;

/// Where panels are.
pub(super) struct Bands {
    left: f64,
    gap: f64,
    /// Panels in a band.
    pub(super) columns: usize,
    /// One below the other.
    pub(super) bands: usize,
    /// Of a panel, in pixels.
    pub(super) width: f64,
}

impl Bands {
    /// Of `n` panels from `least` to `most` pixels wide, from `left` on with `gap` after each; bands are as full as
    /// can be alike.
    pub(super) fn of(n: usize, left: f64, gap: f64, (least, most): (f64, f64)) -> Self {
        let room = WIDEST - left;
        let fit = ((room / (least + gap)) as usize).max(1);
        let bands = n.div_ceil(fit).max(1);
        let columns = n.div_ceil(bands).max(1);
        let width = (room / columns as f64 - gap).floor().clamp(least, most);
        Self {
            left,
            gap,
            columns,
            bands,
            width,
        }
    }

    /// Of the whole figure, in pixels.
    pub(super) fn whole_width(&self) -> f64 {
        self.left + (self.width + self.gap) * self.columns as f64
    }

    /// Left edge of a panel.
    pub(super) fn left_of(&self, panel: usize) -> f64 {
        self.left + (self.width + self.gap) * (panel % self.columns) as f64
    }

    /// The band of a panel, from above.
    pub(super) fn band_of(&self, panel: usize) -> usize {
        panel / self.columns
    }

    /// Whether it is the first of its band.
    pub(super) fn is_first(&self, panel: usize) -> bool {
        panel.is_multiple_of(self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_panels_stand_in_two_bands_and_none_is_wider_than_a_page() {
        let bands = Bands::of(5, 79.0, 40.0, (190.0, 290.0));
        assert_eq!((bands.columns, bands.bands, bands.width), (3, 2, 193.0));
        assert_eq!(bands.whole_width(), 778.0);
        assert_eq!((bands.band_of(2), bands.band_of(3)), (0, 1));
        assert_eq!((bands.left_of(3), bands.left_of(4)), (79.0, 312.0));
        assert!(bands.is_first(3) && !bands.is_first(4));
        let single = Bands::of(1, 79.0, 40.0, (190.0, 290.0));
        assert_eq!((single.columns, single.width), (1, 290.0));
        assert_eq!(Bands::of(0, 79.0, 40.0, (190.0, 290.0)).bands, 1);
    }
}
