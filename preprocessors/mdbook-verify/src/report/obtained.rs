//! Where the proofs of an edition come from.

use crate::evidence::{Evidence, Origin};

use super::{BlockState, Report};

/// The evidence that proves an edition's blocks, one piece for each.
#[derive(Debug)]
pub struct Obtained<'r> {
    /// What was had here.
    pub live: Vec<&'r Evidence>,
    /// What was recorded elsewhere and could not be had here.
    pub recorded: Vec<&'r Evidence>,
}

impl<'r> Obtained<'r> {
    /// That of an edition.
    #[must_use]
    pub fn of(report: &'r Report, edition: &str) -> Self {
        let states = report.states.iter();
        let states = states.filter(|state| state.edition == edition);
        let (live, recorded) = states
            .filter_map(deciding)
            .partition(|proof| proof.source == Origin::Live);
        Self { live, recorded }
    }
}

/// The evidence that is enough for a proof; one that was had here, if there is one.
fn deciding(state: &BlockState) -> Option<&Evidence> {
    let enough = state
        .evidence
        .iter()
        .filter(|proof| state.proven && Some(proof.kind) >= state.needs);
    enough.min_by_key(|proof| proof.source)
}
