//! Who is in one recorded frame, as far as it can be told afterwards.

use sluis_frame::{Cause, Cleared, Fate, Frame, FrameNumber, Mask, Rect, Timestamp, mask};
use sluis_guard::Outlines;

use crate::region::{Cells, Grid, Region};

/// How wide a body is, in widths of the mask on its head, and how far it reaches below the mask's top, in heights of it.
///
/// A body is 7.5 heads high and, at the shoulders, 2 to 3 heads wide: the canon of artists since Richer, *Anatomie artistique*, 1890; Drillis and Contini, *Body Segment Parameters*, 1966, have the head at 0.130 and
/// the shoulders at 0.259 of the stature, as wide as 2 heads are high. A mask is larger than its head, 1.3 times at least, so these are about 2.6 and 8 heads.
const BODY: (f32, f32) = (2.0, 6.2);

/// A silhouette without a head of its own belongs to the person of whose body it is, when so much of it lies where that body should be.
const PART_OF_BODY: f32 = 0.7;

/// Share of the picture that may differ from the place: beyond it, nobody knows what it shows.
const MOST_DIFFERS: f32 = 0.5;

/// A recorded frame.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) number: FrameNumber,
    pub(crate) at: Timestamp,
    /// Why it is blanked; then nothing is known of people.
    pub(crate) unfit: Option<Unfit>,
    /// Silhouettes, one for each person or for several who cannot be told apart.
    pub(crate) people: Vec<Silhouette>,
    /// Everything else that differs from the place or is masked.
    pub(crate) rest: Region,
    /// Where bodies should be below masks that belong to no silhouette.
    pub(crate) bodies: Region,
}

/// What moves together in a frame.
#[derive(Debug, Clone)]
pub(crate) struct Silhouette {
    pub(crate) region: Region,
    /// Where its bodies should be below its masks.
    pub(crate) bodies: Region,
    /// Heads that are masked in it, apart from each other and not below one another.
    pub(crate) heads: u32,
    /// The number of the track that it belongs to, from 0.
    pub(crate) track: usize,
}

/// Why nothing of a frame is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It was recorded as a blank.
    Blank,
    /// Too much of it differs from the place.
    Upheaval,
    /// The camera moved.
    CameraMoves,
}

// === impl Moment ===

impl Moment {
    /// What a frame shows, of which `outlines` says what differs. Its tracks are not known yet.
    pub(crate) fn of(frame: &Frame<Cleared>, outlines: &Outlines, grid: &Grid) -> Self {
        let (number, at) = (frame.header().number, frame.header().captured);
        let differs = outlines.differs.iter().filter(|differs| **differs).count();
        let unfit = if frame.fate() == Fate::Blanked {
            Some(Unfit::Blank)
        } else if outlines.upheaval || differs as f32 > outlines.differs.len() as f32 * MOST_DIFFERS {
            Some(Unfit::Upheaval)
        } else {
            outlines.camera_moves.then_some(Unfit::CameraMoves)
        };
        if unfit.is_some() {
            let nothing = Region::default;
            return Self { number, at, unfit, people: Vec::new(), rest: nothing(), bodies: nothing() };
        }
        let mut people = silhouettes(outlines);
        let bodies = heads(frame.masks(), outlines, grid, &mut people);
        let people = joined(people, grid);
        let rest = Region::where_(outlines.differs.dim(), |at| outlines.differs[at] && outlines.silhouettes[at] == 0);
        Self { number, at, unfit, people, rest, bodies: Region::of(&bodies) }
    }

    /// Where anybody is or may be but those of whom `is_subject` says so: silhouettes, what else differs, and bodies below masks.
    pub(crate) fn others(&self, cells: &mut Cells, margin: usize, is_subject: impl Fn(&Silhouette) -> bool) {
        self.rest.paint(cells, margin);
        self.bodies.paint(cells, 0);
        for other in self.people.iter().filter(|person| !is_subject(person)) {
            other.region.paint(cells, margin);
            other.bodies.paint(cells, 0);
        }
    }
}

/// The silhouettes of a frame, in order of their numbers.
fn silhouettes(outlines: &Outlines) -> Vec<Silhouette> {
    let numbers = &outlines.silhouettes;
    let most = numbers.iter().copied().max().unwrap_or(0);
    let of = |number: usize| Silhouette {
        region: Region::where_(numbers.dim(), |place| numbers[place] == number),
        bodies: Region::default(),
        heads: 0,
        track: 0,
    };
    (1..=most).map(of).collect()
}

/// Gives each masked head, with the body below it, to the silhouette that has most of it. Gives the bodies below masks that no silhouette has.
fn heads(masks: &[Mask], outlines: &Outlines, grid: &Grid, people: &mut [Silhouette]) -> Cells {
    let mut nobodys = grid.empty();
    // Masks of the mode are of bodies, and belong to silhouettes or to the rest.
    let masks: Vec<Mask> = masks.iter().filter(|mask| mask.cause != Cause::Mode).cloned().collect();
    let mut bodies = vec![Cells::default((0, 0)); people.len()];
    let groups = mask::groups(&masks);
    let around = |group: &Vec<usize>| group.iter().map(|member| masks[*member].bounds()).reduce(Rect::union);
    let bounds: Vec<Rect> = groups.iter().filter_map(around).collect();
    for (group, here) in groups.iter().zip(&bounds) {
        // What is masked on a body, a hand or a foot, is not another head.
        let is_on = |above: &Rect| body(*above).intersect(*here).is_some_and(|both| both.area() * 2 > here.area());
        let on_body = bounds.iter().any(|above| above.y < here.y && is_on(above));
        let mut cells_of = vec![0u32; people.len() + 1];
        for mask in group.iter().map(|member| &masks[*member]) {
            let (rows, columns) = grid.touched(mask.bounds());
            rows.flat_map(|row| columns.clone().map(move |column| (row, column)))
                .for_each(|place| cells_of[outlines.silhouettes[place]] += 1);
        }
        let whose = (1..cells_of.len()).filter(|number| cells_of[*number] > 0).max_by_key(|number| cells_of[*number]);
        let cells = match whose {
            Some(number) => {
                people[number - 1].heads += u32::from(!on_body);
                let cells = &mut bodies[number - 1];
                if cells.is_empty() {
                    *cells = grid.empty();
                }
                cells
            }
            None => &mut nobodys,
        };
        for mask in group.iter().map(|member| &masks[*member]) {
            let (rows, columns) = grid.touched(body(mask.bounds()));
            rows.flat_map(|row| columns.clone().map(move |column| (row, column))).for_each(|place| cells[place] = true);
        }
    }
    for (person, cells) in people.iter_mut().zip(bodies) {
        person.bodies = Region::of(&cells);
    }
    nobodys
}

/// Where somebody's body may be below any of these masks, with arms.
pub(crate) fn bodies(masks: &[Mask]) -> impl Iterator<Item = Rect> {
    masks.iter().filter(|mask| mask.cause != Cause::Mode).map(|mask| {
        let (body, arm) = (body(mask.bounds()), i64::from(mask.bounds().width / 2));
        Rect::from_edges(body.left() - arm, body.top(), body.right() + arm, body.bottom())
    })
}

/// Where the body is whose head is under a mask.
fn body(mask: Rect) -> Rect {
    let beside = (mask.width as f32 * (BODY.0 - 1.0) / 2.0).ceil() as i64;
    let below = (mask.height as f32 * BODY.1).ceil() as i64;
    Rect::from_edges(mask.left() - beside, mask.top(), mask.right() + beside, mask.top() + below)
}

/// Legs that a shelf cuts off from their trunk belong to it: silhouettes without a head join the one person of whose body they are.
fn joined(found: Vec<Silhouette>, grid: &Grid) -> Vec<Silhouette> {
    let (mut people, parts): (Vec<_>, Vec<_>) = found.into_iter().partition(|silhouette| silhouette.heads > 0);
    let mut alone = Vec::new();
    for part in parts {
        let share = |person: &Silhouette| part.region.overlap(&person.bodies) as f32 / part.region.area() as f32;
        let mut near = (0..people.len()).filter(|i| share(&people[*i]) > 0.0);
        match (near.next(), near.next()) {
            (Some(only), None) if share(&people[only]) >= PART_OF_BODY => {
                let mut cells = grid.empty();
                people[only].region.paint(&mut cells, 0);
                part.region.paint(&mut cells, 0);
                people[only].region = Region::of(&cells);
            }
            _ => alone.push(part),
        }
    }
    people.extend(alone);
    people
}
