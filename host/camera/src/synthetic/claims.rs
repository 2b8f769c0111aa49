//! Claims about what is drawn, for which one must look behind the picture.

use std::sync::Arc;

use sluis_frame::{Gesture, Rect, Size};

use super::painter::Painter;
use super::product::ProductId;
use super::render::Owner;
use super::{Preset, Settings, Shop};

fn shop(seed: u64, preset: Preset) -> Shop {
    Shop::new(Settings { preset, size: Size::new(320, 240), people: 4, ..Settings::seeded(seed) }).unwrap()
}

#[test]
fn every_pixel_of_a_head_lies_in_its_box_and_hidden_heads_have_none() {
    let mut heads = 0;
    for (seed, preset) in [(1, Preset::Oblique), (2, Preset::Overhead), (3, Preset::Screen)] {
        let shop = shop(seed, preset);
        let mut painter = Painter::new(Arc::clone(&shop.plan), shop.view);
        let (mut story, mut witness) = (shop.story(), shop.witness());
        for number in 0..15 * 60 {
            if number % 75 != 0 {
                witness.skip_frame();
                continue;
            }
            let truth = witness.next_frame();
            story.go_on_until(f64::from(number) / 15.0);
            let canvas = painter.draw(&story);
            for (i, figure) in story.figures().iter().enumerate() {
                let pixels =
                    |(at, owner): (usize, &Owner)| (*owner == Owner::Head(i as u8)).then_some((at % 320, at / 320));
                let drawn: Vec<(usize, usize)> = canvas.owner.iter().enumerate().filter_map(pixels).collect();
                let head = truth.heads.iter().find(|head| head.person == figure.person);
                let Some(head) = head else {
                    assert!(drawn.is_empty(), "{} pixels of a head that is not told of", drawn.len());
                    continue;
                };
                heads += 1;
                // Its outline is sampled, and a pixel counts from its middle.
                let around = Rect::new(head.head.x - 1, head.head.y - 1, head.head.width + 2, head.head.height + 2);
                let outside = drawn.iter().filter(|(x, y)| !around.contains(*x as i32, *y as i32)).count();
                assert_eq!(outside, 0, "{preset:?}, frame {number}: of {} pixels, {head:?}", drawn.len());
                if head.visible > 0.9 && head.head.width > 8 {
                    // An oval fills three quarters of its box; long hair, which is not the head, may cover some of it.
                    assert!(drawn.len() as u64 * 5 > head.head.area() * 2, "{} pixels of {head:?}", drawn.len());
                }
                if head.visible == 0.0 {
                    assert!(drawn.len() as u64 * 10 < head.head.area(), "{} pixels of a hidden head", drawn.len());
                }
            }
        }
    }
    assert!(heads > 30, "{heads} heads");
}

#[test]
fn a_product_is_gone_from_its_place_after_a_take_and_back_after_a_put_back() {
    let shop = shop(5, Preset::Oblique);
    let frames = 15 * 150;
    let events = shop.truth(frames).events;
    let mut story = shop.story();
    let mut there: Vec<Vec<ProductId>> = Vec::new();
    for number in 0..frames {
        story.go_on_until(number as f64 / 15.0);
        there.push(story.stock().iter().flatten().copied().collect());
    }
    let (mut takes, mut returns) = (0, 0);
    for event in events.iter().filter(|event| !event.cut) {
        let Some(product) = event.product else { continue };
        let lies = |frame: u64| there[frame as usize].contains(&product);
        match event.gesture {
            Gesture::Take => {
                assert!(lies(event.first) && !lies(event.last), "{event:?}");
                takes += 1;
            }
            Gesture::PutBack => {
                assert!(!lies(event.first) && lies(event.last), "{event:?}");
                returns += 1;
            }
            _ => {}
        }
    }
    assert!(takes >= 5 && returns >= 3, "{takes} takes, {returns} put-backs");
}

#[test]
fn an_empty_place_is_seen_as_empty_in_colour_and_depth_and_a_mended_picture_is_like_a_new_one() {
    let shop = shop(5, Preset::Oblique);
    let (slot, product) = shop.plan.stock.iter().enumerate().find_map(|(i, p)| p.map(|p| (i, p))).unwrap();
    let mut stock = shop.plan.stock.clone();
    let mut scenery = super::render::Scenery::new(&shop.plan, &shop.view);
    let full = scenery.with(&stock, &shop.plan, &shop.view).clone();
    stock[slot] = None;
    let empty = scenery.with(&stock, &shop.plan, &shop.view).clone();
    let at = shop.view.see(shop.plan.lies(slot, product)).unwrap().pixel;
    let at = at.y as usize * 320 + at.x as usize;
    assert!(empty.depth[at] > full.depth[at] + 0.03, "{} m behind {} m", empty.depth[at], full.depth[at]);
    assert!(empty.colour[at * 3..at * 3 + 3] != full.colour[at * 3..at * 3 + 3]);
    let mut plan = (*shop.plan).clone();
    plan.stock = stock;
    let mut new = super::render::Scenery::new(&plan, &shop.view);
    let new = new.with(&plan.stock, &plan, &shop.view);
    assert!(new.colour == empty.colour && new.depth == empty.depth, "mending left a trace");
}

#[test]
fn feet_stand_on_the_floor_and_people_keep_out_of_the_furniture_and_of_each_other() {
    let shop = shop(8, Preset::Oblique);
    let mut story = shop.story();
    let mut close = 0;
    for tick in 0..60 * 180 {
        story.go_on_until(f64::from(tick) / 60.0);
        let figures = story.figures();
        for (i, figure) in figures.iter().enumerate() {
            let lowest = figure.bones.ankles.map(|ankle| ankle.z).into_iter().fold(f32::INFINITY, f32::min);
            assert!((0.0..0.12).contains(&lowest), "an ankle at {lowest} m");
            let place = figure.place;
            assert!(place.x > 0.85 || place.y > 5.1, "somebody walks into the shelf at {place}");
            assert!(!(place.x > 1.75 && place.y > 4.5 && place.y < 5.2), "somebody walks into the counter at {place}");
            close += figures[i + 1..].iter().filter(|other| other.place.distance(place) < 0.32).count();
        }
    }
    // In passing, shoulders may brush.
    assert!(close < 60, "{close} moments in three minutes in which two stand in one place");
}
