//! Sentences on the page.

use maud::{Markup, html};

/// Returns text with `names` in backticks set as code.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
