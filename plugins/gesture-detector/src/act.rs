//! What a hand did in one reach: its changes, put together.

use crate::change;
use crate::reach::Change;

/// The sum of the witnesses below which a change is not told.
const DOUBT: f32 = 0.12;
/// Changes that settle so near in time are one act: hand and shadow uncover a product in pieces.
const ONE_ACT_MS: u64 = 700;

/// What a hand did in one reach, in order: each the changes that it made at about one time. Parts of one product that changed are one act; and a product that stands
/// a little off afterwards went and came, which is none.
pub fn acts(changes: &[Change], cell: f32) -> Vec<Change> {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| change.settled_ms);
    let mut acts: Vec<Change> = Vec::new();
    let mut group: Vec<&Change> = Vec::new();
    let flush = |group: &mut Vec<&Change>, acts: &mut Vec<Change>| {
        if let Some(act) = sum(group) {
            acts.push(act);
        }
        group.clear();
    };
    for change in sorted {
        if group.last().is_some_and(|last| change.settled_ms - last.settled_ms > ONE_ACT_MS) {
            flush(&mut group, &mut acts);
        }
        group.push(change);
    }
    flush(&mut group, &mut acts);
    // What was lifted and set down again in one reach never left.
    while let Some((i, j)) = (0..acts.len())
        .flat_map(|i| (i + 1..acts.len()).map(move |j| (i, j)))
        .find(|(i, j)| undoes(&acts[*i], &acts[*j], cell))
    {
        acts.remove(j);
        acts.remove(i);
    }
    acts.sort_by_key(|act| act.covered_ms);
    acts
}

/// Whether one act undoes another: the other way round, at the same place.
fn undoes(a: &Change, b: &Change, cell: f32) -> bool {
    let (small, large) = (a.size.min(b.size) as f32, a.size.max(b.size) as f32);
    let apart = (a.centre[0] - b.centre[0]).hypot(a.centre[1] - b.centre[1]);
    a.gone * b.gone < 0.0 && small * 3.0 > large && apart < large.sqrt() * cell / 2.0
}

/// The changes of one act as one, if they do not cancel out.
fn sum(group: &[&Change]) -> Option<Change> {
    let size: usize = group.iter().map(|c| c.size).sum();
    let gone = group.iter().map(|c| c.gone.clamp(-1.0, 1.0) * c.size as f32).sum::<f32>() / size.max(1) as f32;
    let looks: Vec<_> = group.iter().flat_map(|c| c.looks.iter().copied()).collect();
    if change::is_move(&looks) {
        return None;
    }
    let with: Vec<&&Change> = group.iter().filter(|c| c.gone * gone > 0.0).collect();
    let largest = with.iter().max_by_key(|c| c.size)?;
    (gone.abs() >= DOUBT).then(|| Change {
        gone,
        covered_ms: with.iter().map(|c| c.covered_ms).min().unwrap_or(largest.covered_ms),
        settled_ms: with.iter().map(|c| c.settled_ms).max().unwrap_or(largest.settled_ms),
        size,
        centre: largest.centre,
        looks,
    })
}
