//! Checks of claims against what the study trains, tests and measures.

use std::collections::BTreeSet;

use nodule_error::{InvalidInput, invalid_value};

use super::scope::check_name;
use super::{ClaimScope, Hypothesis};

/// Checks that every claim has a unique id, names only what `scope` has, and can be judged by its runs.
///
/// # Errors
/// The first invalid setting, with the claim and the field; without the file.
pub fn check_claims(claims: &[Hypothesis], scope: &ClaimScope) -> Result<(), InvalidInput> {
    let mut ids = BTreeSet::new();
    for claim in claims {
        if !ids.insert(&claim.id) {
            return Err(invalid_value("hypothesis.id", &claim.id, "named once"));
        }
    }
    for claim in claims {
        check_claim(claim, scope)
            .map_err(|error| error.in_table(&format!("hypothesis {}", claim.id)))?;
    }
    Ok(())
}

fn check_claim(claim: &Hypothesis, scope: &ClaimScope) -> Result<(), InvalidInput> {
    check_name("train", &claim.train, scope.train)?;
    let kind = claim.contrast.kind();
    let (smallest, max) = (claim.smallest_effect, kind.max_effect());
    if !(smallest.is_finite() && smallest > 0.0 && smallest < max) {
        let allowed = match max.is_finite() {
            true => format!("a positive number below {max}, the largest possible effect"),
            false => "a positive number".to_owned(),
        };
        return Err(invalid_value("smallest_effect", smallest, allowed));
    }
    for (key, endpoint) in kind.endpoints() {
        endpoint
            .kind()
            .check(scope)
            .map_err(|error| error.in_table(key).in_table("contrast"))?;
    }
    kind.check(scope)
        .map_err(|error| error.in_table("contrast"))
}
