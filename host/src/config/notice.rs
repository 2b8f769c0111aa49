//! `[notice]`: what the public notice tells besides what cameras, zones, hours and deadlines say already.
//!
//! While a configuration has this table, nothing is recorded under it until its notice is published (`sluis notice publish`).

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluis_notice::sign::LONGEST_ADDRESS;
use sluis_share::Country;
use toml::Spanned;

use super::check::Wrong;
use super::schema::Config;
use super::text::{Text, Wording};

/// What the public notice tells besides. A text is one for all languages, or a table with a text for each of `nl`, `de` and `en`. While this table is there, cameras see nothing until the
/// notice is published (`sluis notice publish`), and again after each change that the notice tells. It is needed as soon as a camera films for real (`rtsp`, `v4l2`, `realsense`).
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Notice {
    /// Where the notice is on the web; the code on the signs leads there.
    pub url: WebAddress,
    /// The folder of published versions; beside the vault's when nothing is said. A relative path counts from the folder of this file.
    pub dir: Option<PathBuf>,
    /// Who is responsible (GDPR, Art. 4(7)).
    pub controller: Controller,
    /// Whom to ask about privacy. Rights are then used there.
    pub privacy_officer: Option<Officer>,
    /// Where to complain; the Dutch Autoriteit Persoonsgegevens when nothing is said.
    pub authority: Option<Authority>,
    /// What it is done for, each in a sentence: 1 to 12.
    #[schemars(with = "Vec<Wording<3, 300>>", length(min = 1, max = 12))]
    pub purposes: Spanned<Vec<Wording<3, 300>>>,
    /// On which ground (GDPR, Art. 6(1)).
    #[serde(default)]
    pub basis: Basis,
    /// Of `legitimate-interests`: what was weighed against the interests of guests, in short.
    pub balancing: Option<Wording<10, 2000>>,
    /// How to shop without being filmed.
    pub route: Wording<10, 1000>,
    /// What holds for those who work there.
    pub employees: Wording<10, 1000>,
    /// Who keeps the copies of `[cloud]`. Needed with it.
    #[schemars(with = "Option<Host>")]
    pub host: Option<Spanned<Host>>,
}

/// Who is responsible.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Controller {
    /// The company's name.
    pub name: Text<1, 200>,
    /// Its postal address.
    pub address: Text<1, 300>,
    /// Its address of electronic mail.
    pub email: Email,
    /// Its telephone number.
    pub phone: Option<Text<3, 40>>,
}

/// Whom to ask about privacy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Officer {
    /// Name.
    pub name: Option<Text<1, 200>>,
    /// Address of electronic mail.
    pub email: Email,
    /// Telephone number.
    pub phone: Option<Text<3, 40>>,
}

/// A supervisory authority (GDPR, Art. 51).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Authority {
    /// Its name.
    pub name: Text<1, 200>,
    /// Its postal address.
    pub address: Text<1, 300>,
    /// Its website.
    pub website: WebAddress,
}

/// On which ground data are processed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Basis {
    /// Legitimate interests, Art. 6(1)(f): guests may object (Art. 21). Needs `balancing`.
    #[default]
    LegitimateInterests,
    /// Consent, Art. 6(1)(a): guests may withdraw it (Art. 7(3)).
    Consent,
}

/// Who keeps encrypted copies (GDPR, Art. 28).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Host {
    /// The company's name.
    pub name: Text<1, 200>,
    /// Where the copies lie: two letters (ISO 3166-1), such as NL.
    #[schemars(with = "String", extend("pattern" = "^[A-Z]{2}$"))]
    pub country: Country,
    /// What allows the transfer, when that is outside the European Economic Area.
    pub safeguard: Option<Safeguard>,
}

/// What allows a transfer out of the European Economic Area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Safeguard {
    /// The European Commission has decided that the country protects data adequately (Art. 45).
    AdequacyDecision,
    /// The contract holds the Commission's standard clauses (Art. 46(2)(c)).
    StandardContractualClauses,
    /// Rules of the group that an authority has approved (Art. 46(2)(b) and 47).
    BindingCorporateRules,
}

/// An address of electronic mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^[^@\\s]+@[^@\\s]+$"))]
pub struct Email(String);

/// An address on the web.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^https://\\S+$", "maxLength" = LONGEST_ADDRESS))]
pub struct WebAddress(String);

/// What holds between this table and others.
pub(super) fn check(config: &Config) -> Result<(), Wrong> {
    let Some(spanned) = &config.notice else {
        return match config.cameras.iter().find(|camera| camera.is_real()) {
            None => Ok(()),
            Some(camera) => Err(Wrong {
                span: camera.id.span(),
                message: format!("camera `{}` films for real, and there is no notice", camera.id()),
                advice: "add `[notice]`: guests must be told who films them and why (GDPR, Art. 13); `examples/sluis.toml` shows every key".to_owned(),
            }),
        };
    };
    let notice = spanned.get_ref();
    let wrong =
        |span, message: &str, advice: &str| Err(Wrong { span, message: message.to_owned(), advice: advice.to_owned() });
    if !(1..=12).contains(&notice.purposes.get_ref().len()) {
        return wrong(
            notice.purposes.span(),
            "a notice names 1 to 12 purposes",
            "say under `purposes` what it is done for, each in a sentence",
        );
    }
    if notice.basis == Basis::LegitimateInterests && notice.balancing.is_none() {
        return wrong(
            spanned.span(),
            "`[notice]` has no `balancing`",
            "say what was weighed against the interests of guests: legitimate interests need it (GDPR, Art. 6(1)(f))",
        );
    }
    match (&config.cloud, &notice.host) {
        (Some(cloud), None) => {
            return wrong(
                cloud.span(),
                "copies go to the cloud, and the notice does not say whose",
                "add `[notice.host]` with the `name` of the company and the `country` where the copies lie",
            );
        }
        (None, Some(host)) => {
            return wrong(
                host.span(),
                "the notice names a host, and there are no copies",
                "take `[notice.host]` out, or add `[cloud]`",
            );
        }
        (Some(_), Some(host)) if !host.get_ref().country.is_eea() && host.get_ref().safeguard.is_none() => {
            return wrong(
                host.span(),
                "copies leave the European Economic Area, and nothing says what allows it",
                "add `safeguard` to `[notice.host]` (GDPR, Art. 44 to 49), or choose a host within it",
            );
        }
        _ => {}
    }
    let mut screens = config.cameras.iter().filter_map(|camera| camera.audience.as_ref());
    match screens.find(|screen| screen.owner.is_none()) {
        None => Ok(()),
        Some(screen) => Err(Wrong {
            span: screen.screen.span(),
            message: format!("the notice does not say whose screen `{}` is", screen.screen.as_ref()),
            advice: "add `owner` to `[camera.audience]`: the shop, or the company that runs the screen".to_owned(),
        }),
    }
}

// === impl Email ===

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain =
            |part: &str| !part.is_empty() && !part.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control());
        match text.split_once('@') {
            Some((who, at)) if plain(who) && plain(at) && text.len() <= 254 => Ok(Self(text)),
            _ => Err(format!("`{text}` is no address of electronic mail: write it as \"privacy@example.nl\"")),
        }
    }
}

// === impl WebAddress ===

impl WebAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WebAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").unwrap_or_default();
        let plain = !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control());
        if plain && text.len() <= LONGEST_ADDRESS {
            Ok(Self(text))
        } else {
            Err(format!(
                "`{text}` is no address on the web: write it as \"https://www.example.nl/privacy\", in at most {LONGEST_ADDRESS} bytes"
            ))
        }
    }
}
