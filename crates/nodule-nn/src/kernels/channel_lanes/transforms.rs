//! Transforms of minimal filtering F(4x4, 3x3), and their transposes.
//!
//! Interpolation points 0, 1, -1, 1/2, -2 and infinity, as for the LeNet: among common points they give the smallest
//! rounding errors. The names of the matrices are those of Lavin & Gray (2016).

use pulp::Simd;

/// Width and height of an input tile, 4 + 3 - 1.
pub(super) const POINTS: usize = 6;

/// Filter transform (G).
pub(super) const FILTER: [[f64; 3]; POINTS] = [
    [1.0, 0.0, 0.0],
    [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0],
    [-1.0 / 3.0, 1.0 / 3.0, -1.0 / 3.0],
    [-16.0 / 15.0, -8.0 / 15.0, -4.0 / 15.0],
    [1.0 / 15.0, -2.0 / 15.0, 4.0 / 15.0],
    [0.0, 0.0, 1.0],
];

/// A linear map of vectors, applied lane by lane.
pub(super) trait Transform<const I: usize, const O: usize> {
    fn apply<S: Simd>(simd: S, values: [S::f32s; I]) -> [S::f32s; O];
}

/// Returns the transform of the columns and rows of a tile.
#[inline(always)]
pub(super) fn transform<T: Transform<I, O>, S: Simd, const I: usize, const O: usize>(
    simd: S,
    tile: [[S::f32s; I]; I],
) -> [[S::f32s; O]; O] {
    // Plain loops: closures would not be compiled for the vector instruction set.
    let zero = simd.splat_f32s(0.0);
    let mut columns = [[zero; I]; O];
    for j in 0..I {
        let mut column = [zero; I];
        for i in 0..I {
            column[i] = tile[i][j];
        }
        let column = T::apply(simd, column);
        for i in 0..O {
            columns[i][j] = column[i];
        }
    }
    let mut result = [[zero; O]; O];
    for i in 0..O {
        result[i] = T::apply(simd, columns[i]);
    }
    result
}

/// Input transform (B transposed).
pub(super) struct Input;

impl Transform<POINTS, POINTS> for Input {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; POINTS]) -> [S::f32s; POINTS] {
        let (outer, inner) = (simd.sub_f32s(e, c), simd.sub_f32s(d, b));
        let sums = [
            mul_add(simd, -2.0, c, simd.add_f32s(a, e)),
            mul_add(simd, 0.5, c, simd.sub_f32s(e, b)),
            mul_add(simd, -2.5, c, simd.add_f32s(e, b)),
            mul_add(simd, -2.0, d, simd.add_f32s(b, f)),
        ];
        [
            mul_add(simd, 1.5, inner, sums[0]),
            mul_add(simd, 2.5, d, sums[1]),
            mul_add(simd, 0.5, d, sums[2]),
            mul_add(simd, 2.0, inner, outer),
            mul_add(simd, -0.5, inner, outer),
            mul_add(simd, 1.5, outer, sums[3]),
        ]
    }
}

/// Transpose of [`Input`] (B).
pub(super) struct InputTranspose;

impl Transform<POINTS, POINTS> for InputTranspose {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; POINTS]) -> [S::f32s; POINTS] {
        let (inner, outer) = (simd.sub_f32s(c, b), simd.add_f32s(d, e));
        let sum = simd.add_f32s(b, outer);
        let second = mul_add(simd, 0.5, e, simd.add_f32s(inner, f));
        let third = mul_add(simd, -2.5, c, simd.mul_f32s(simd.splat_f32s(1.5), b));
        let fourth = mul_add(
            simd,
            2.5,
            b,
            mul_add(simd, 0.5, c, mul_add(simd, -0.5, e, simd.add_f32s(d, d))),
        );
        [
            a,
            mul_add(simd, -1.5, a, mul_add(simd, -2.0, d, second)),
            mul_add(
                simd,
                -2.0,
                a,
                mul_add(simd, -1.5, f, simd.sub_f32s(third, sum)),
            ),
            mul_add(simd, 1.5, a, mul_add(simd, -2.0, f, fourth)),
            mul_add(simd, 1.5, f, simd.add_f32s(simd.add_f32s(a, c), sum)),
            f,
        ]
    }
}

/// Output transform (A transposed).
pub(super) struct Output;

impl Transform<POINTS, 4> for Output {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; POINTS]) -> [S::f32s; 4] {
        let (sum, difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        [
            simd.add_f32s(simd.add_f32s(a, sum), simd.add_f32s(d, e)),
            mul_add(simd, 0.5, d, mul_add(simd, -2.0, e, difference)),
            mul_add(simd, 0.25, d, mul_add(simd, 4.0, e, sum)),
            mul_add(
                simd,
                0.125,
                d,
                mul_add(simd, -8.0, e, simd.add_f32s(difference, f)),
            ),
        ]
    }
}

/// Transpose of [`Output`] (A).
pub(super) struct OutputTranspose;

impl Transform<4, POINTS> for OutputTranspose {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; POINTS] {
        let (even, odd) = (simd.add_f32s(a, c), simd.add_f32s(b, d));
        let half = mul_add(simd, 0.25, c, mul_add(simd, 0.125, d, a));
        let two = mul_add(simd, 4.0, c, mul_add(simd, -8.0, d, a));
        [
            a,
            simd.add_f32s(even, odd),
            simd.sub_f32s(even, odd),
            mul_add(simd, 0.5, b, half),
            mul_add(simd, -2.0, b, two),
            d,
        ]
    }
}

#[inline(always)]
fn mul_add<S: Simd>(simd: S, factor: f32, value: S::f32s, addend: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(factor), value, addend)
}
