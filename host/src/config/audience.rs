//! `[audience]` and `[camera.audience]`: counting who looks at a screen.
//!
//! Off unless both tables are there. The demographic switch is a table of its own, with a purpose of its own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sluis_frame::ScreenId;
use toml::Spanned;

use super::check;
use super::number::SmallestGroup;
use super::text::{Text, Wording};

/// Counting who looks at screens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Audience {
    /// What it is counted for, in a sentence that the shop will stand by. It goes on the notice.
    pub purpose: Wording<10, 500>,
    /// The smallest group that a report may tell of: 3 to 1000 people.
    #[serde(default)]
    pub min_group: SmallestGroup,
    /// The demographic switch: classes of age and sex are estimated only when this table is there.
    pub demographics: Option<Demographics>,
}

/// Estimating classes of age and sex.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Demographics {
    /// What they are estimated for: a reason beyond that of counting. It goes on the notice.
    pub purpose: Wording<10, 500>,
    /// The model that estimates them, by its name in the registry. None comes with this program; the component's documentation says what a model must answer.
    pub model: ModelName,
}

/// The screen that a camera belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Screen {
    /// The screen's name, as the playlist has it; different for every camera. 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit.
    #[schemars(with = "String", extend("pattern" = check::NAME))]
    pub screen: Spanned<ScreenId>,
    /// Whose screen it is: the shop, or the company that runs it. It goes on the notice and on the sign at the screen. `[notice]` needs it.
    pub owner: Option<Text<1, 200>>,
}

/// What is kept of a camera's pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Keep {
    /// The masked and audited pictures.
    #[default]
    Pictures,
    /// No picture: every frame is recorded as a blank with its time, and only what was counted stays.
    Counts,
}

/// The name of a model: `a-z`, `0-9`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ModelName(String);

// === impl ModelName ===

impl ModelName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ModelName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if check::is_name(&name) {
            Ok(Self(name))
        } else {
            Err(format!("`{name}` cannot name a model: `sluis model ls` lists those that are known"))
        }
    }
}

impl JsonSchema for ModelName {
    fn schema_name() -> Cow<'static, str> {
        "ModelName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": check::NAME })
    }
}
