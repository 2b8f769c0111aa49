//! The templates, compiled into the program.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::context::Context;
use crate::request::Language;

macro_rules! templates {
    ($($language:literal)*, $names:tt) => { [$(templates!(@ $language $names)),*] };
    (@ $language:literal [$($name:literal)*]) => {
        [$((concat!($language, "/", $name), include_str!(concat!("../../letters/", $language, "/", $name, ".txt")))),*]
    };
}

const TEMPLATES: [[(&str, &str); 20]; 3] = templates!("nl" "de" "en", [
    "_open" "_close" "_right" "_meant" "_ground" "_complain"
    "acknowledgement" "more-details" "extension" "access" "erased" "nothing-found" "restricted" "objection-granted"
    "objection-refused" "rectification" "complaint" "refusal" "reminder" "partner"
]);

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    for (name, text) in TEMPLATES.as_flattened() {
        environment.add_template(name, text).expect("the tests write every letter in every language");
    }
    environment
});

pub(super) fn render(language: Language, name: &str, context: &Context) -> String {
    let template = ENVIRONMENT.get_template(&format!("{}/{name}", language.tag()));
    let rendered = template.and_then(|template| template.render(context));
    rendered.expect("the tests write every letter in every language")
}
