//! Planes with a border of zeros around them, laid out so that every vector a kernel reads is one run.
//!
//! Under a stride of s, columns x, x + s, x + 2s, ... are neighbours: each row is split into s runs.

/// The widest vector of any instruction set, in f32: rows are longer by one, so that a load that
/// begins inside them ends inside the buffer.
pub(super) const WIDEST: usize = 16;

#[derive(Debug, Clone, Copy)]
pub(super) struct Planes {
    count: usize,
    height: usize,
    width: usize,
    border: usize,
    split: usize,
    /// Floats of one run.
    run: usize,
}

impl Planes {
    pub(super) fn new([count, height, width]: [usize; 3], border: usize, split: usize) -> Self {
        Self {
            count,
            height,
            width,
            border,
            split,
            run: (width + 2 * border).div_ceil(split) + WIDEST,
        }
    }

    /// Floats of a buffer.
    pub(super) fn len(&self) -> usize {
        self.count * self.plane() + WIDEST
    }

    /// Floats from one plane to the next.
    pub(super) fn plane(&self) -> usize {
        (self.height + 2 * self.border) * self.row()
    }

    /// Floats from one row to the next.
    pub(super) fn row(&self) -> usize {
        self.split * self.run
    }

    /// Where row `y`, column `x` of a plane lies, counted with its border. Where x is a multiple of the
    /// split, places add up: that of `y + b`, `x + a` is the sum of both.
    pub(super) fn place(&self, plane: usize, y: usize, x: usize) -> usize {
        plane * self.plane() + y * self.row() + (x % self.split) * self.run + x / self.split
    }

    /// Copies planes of `[count][height][width]` inside the borders, which stay as they are.
    pub(super) fn fill(&self, values: &[f32], buffer: &mut [f32]) {
        let rows = values.chunks_exact(self.width);
        for (i, row) in rows.enumerate() {
            let (plane, y) = (i / self.height, i % self.height + self.border);
            if self.split == 1 {
                let at = self.place(plane, y, self.border);
                buffer[at..at + row.len()].copy_from_slice(row);
                continue;
            }
            for first in 0..self.split.min(row.len()) {
                let at = self.place(plane, y, self.border + first);
                let of_run = row[first..].iter().step_by(self.split);
                buffer[at..]
                    .iter_mut()
                    .zip(of_run)
                    .for_each(|(to, v)| *to = *v);
            }
        }
    }
}
