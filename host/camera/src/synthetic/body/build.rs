//! What one person looks like.

use crate::synthetic::random::Random;
use crate::synthetic::render::{Ink, Paint};

/// Size, colours and clothes of one person.
#[derive(Debug, Clone, Copy)]
pub(in crate::synthetic) struct Build {
    /// In metres, from the floor to the crown.
    pub(in crate::synthetic) height: f32,
    /// Breadth against the usual.
    pub(in crate::synthetic) girth: f32,
    /// Usual speed, in metres per second.
    pub(in crate::synthetic) speed: f32,
    pub(super) skin: Ink,
    pub(super) hair: Ink,
    pub(super) iris: Ink,
    pub(super) cut: Cut,
    pub(super) beard: bool,
    pub(super) shirt: Ink,
    /// Of stripes, if the shirt has any.
    pub(super) stripe: Option<Ink>,
    pub(super) long_sleeves: bool,
    pub(super) trousers: Ink,
    pub(super) shoes: Ink,
    /// Works here.
    pub(super) apron: bool,
    /// Carries a basket in the left hand.
    pub(in crate::synthetic) basket: bool,
}

/// How the hair is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Bald,
    Short,
    Long,
    Bun,
}

// === impl Build ===

impl Build {
    pub(in crate::synthetic) fn drawn(random: &mut Random) -> Self {
        // From light to dark.
        const SKINS: [Ink; 8] = [
            [242, 206, 182],
            [236, 196, 168],
            [228, 184, 152],
            [214, 166, 132],
            [194, 144, 108],
            [166, 118, 86],
            [132, 90, 64],
            [98, 66, 48],
        ];
        const HAIRS: [Ink; 7] =
            [[34, 26, 22], [58, 40, 28], [92, 62, 38], [140, 102, 60], [186, 148, 92], [120, 60, 32], [168, 166, 162]];
        const IRISES: [Ink; 4] = [[62, 40, 24], [84, 58, 34], [70, 96, 116], [82, 98, 66]];
        const SHIRTS: [Ink; 12] = [
            [52, 74, 118],
            [150, 52, 50],
            [222, 218, 210],
            [60, 62, 66],
            [70, 112, 84],
            [196, 160, 70],
            [112, 78, 122],
            [150, 152, 156],
            [206, 122, 96],
            [38, 44, 60],
            [126, 152, 178],
            [180, 186, 150],
        ];
        const TROUSERS: [Ink; 6] =
            [[44, 52, 74], [36, 36, 40], [96, 88, 74], [70, 74, 82], [118, 102, 78], [58, 64, 56]];
        const SHOES: [Ink; 4] = [[34, 30, 28], [82, 58, 40], [206, 204, 200], [60, 64, 72]];
        let cut = match random.below(20) {
            0 | 1 => Cut::Bald,
            2..10 => Cut::Short,
            10..16 => Cut::Long,
            _ => Cut::Bun,
        };
        let shirt = random.pick(&SHIRTS);
        Self {
            height: (1.71 + 0.09 * random.normal()).clamp(1.5, 1.93),
            girth: (1.0 + 0.11 * random.normal()).clamp(0.8, 1.3),
            speed: (1.05 + 0.14 * random.normal()).clamp(0.7, 1.4),
            skin: random.pick(&SKINS),
            hair: random.pick(&HAIRS),
            iris: random.pick(&IRISES),
            cut,
            beard: matches!(cut, Cut::Bald | Cut::Short) && random.chance(0.3),
            shirt,
            stripe: random.chance(0.3).then(|| random.pick(&SHIRTS)),
            long_sleeves: random.chance(0.6),
            trousers: random.pick(&TROUSERS),
            shoes: random.pick(&SHOES),
            apron: false,
            basket: false,
        }
    }

    /// The same person at work: white shirt, green apron.
    pub(in crate::synthetic) fn at_work(self) -> Self {
        Self { shirt: [226, 224, 218], stripe: None, apron: true, basket: true, ..self }
    }

    /// Whether this is somebody who fills the shelves.
    pub(in crate::synthetic) const fn works_here(&self) -> bool {
        self.apron
    }

    pub(super) fn torso(&self) -> Paint {
        match (self.apron, self.stripe) {
            (true, _) => Paint::Plain([46, 92, 70]),
            (false, Some(second)) => Paint::Bands { ink: self.shirt, second, every: 0.045 },
            (false, None) => Paint::Plain(self.shirt),
        }
    }
}
