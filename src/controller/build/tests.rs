//! What lies where while a build is under way, and what of it is compared.

use super::super::rooms::Rooms;
use super::*;
use futures::FutureExt as _;

#[test]
fn the_turn_to_lie_in_the_folder_ends_with_the_layer() {
    let rooms = Rooms::for_children(2);
    let turn = || rooms.turn("registry.example.com").now_or_never().flatten();
    let mut all: Vec<_> = std::iter::from_fn(turn).collect();
    let room = Arc::new(Room { layer: LayerFile::of_a_test(), _turn: all.pop() });
    let path = room.path();
    // Who appends has it, and who compares.
    let appends = Arc::clone(&room);
    drop(room);
    assert!(path.exists() && turn().is_none());
    drop(appends);
    assert!(!path.exists(), "the layer is gone");
    assert!(turn().is_some(), "and so is its turn, though the build goes on");
    drop(all);
}

#[test]
fn what_no_core_loads_is_compared_with_nothing() {
    let of = |text: &str| {
        let file = crate::dsl::SourceFile::new("a.rb", text);
        crate::dsl::check(&[file], &crate::dsl::CheckOptions::default()).summary
    };
    let jobs = "require 'tengine_job'\njobnet('n') do\n  job('a', 'a.sh')\nend\n";
    assert!(is_loaded(&of(jobs)));
    for wrong in ["raise 'boom'\n", "jobnet('n') do\n"] {
        assert!(!is_loaded(&of(&format!("{wrong}{jobs}"))), "{wrong}");
    }
}
