//! What must not compile. Each program takes one shortcut past a promise; the file beside it holds what the compiler says.
//!
//! When the compiler's wording changes: `TRYBUILD=overwrite cargo test -p sluis-frame --test compile_fail`, and read the difference.

#[test]
fn the_shortcuts_past_the_promises_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile-fail/the_long_way_compiles.rs");
    for shortcut in [
        "a_raw_frame_is_not_cloned",
        "a_raw_frame_is_not_serialized",
        "a_raw_frame_is_not_recorded",
        "a_redacted_frame_is_not_recorded",
        "a_cleared_frame_is_not_made_from_a_raw_one",
        "a_frame_is_not_built_from_its_fields",
        "a_door_is_not_forged",
        "a_door_is_not_copied",
        "a_door_is_not_deserialized",
        "a_door_has_no_default",
        "a_blank_door_does_not_pass_a_frame",
        "a_raw_frame_does_not_pass_the_audit",
        "a_frame_that_passed_is_gone",
        "nobody_adds_a_state",
        "a_state_is_not_made_outside",
        "a_verdict_does_not_clear_a_frame",
    ] {
        cases.compile_fail(format!("tests/compile-fail/{shortcut}.rs"));
    }
}
