//! A collation's options: what may be given, and what follows where it isn't.

use icu_collator::options::{
    AlternateHandling, CaseLevel, CollatorOptions, MaxVariable, ResolvedCollatorOptions, Strength,
};
use icu_collator::preferences::{CollationCaseFirst, CollationNumericOrdering};
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;
use mongolane_bson::{Document, Value};

use crate::error::Shown;
use crate::number::whole_number;
use crate::{Error, Result};

const FIELDS: [&str; 10] = [
    "locale",
    "caseLevel",
    "caseFirst",
    "strength",
    "numericOrdering",
    "alternate",
    "maxVariable",
    "normalization",
    "backwards",
    "version",
];

/// What MongoDB lists as the version of its collations' data.
const VERSION: &str = "57.1";

/// The languages that MongoDB has collations for.
const LANGUAGES: &str = "af am ar as az be bg bn bo bs ca chr cs cy da de dsb dz ee el en eo es et \
    fa fi fil fo fr ga gl gu ha haw he hi hr hsb hu hy id ig is it ja ka kk kl km kn ko kok ky lb \
    lkt ln lo lt lv mk ml mn mr ms mt my nb ne nl nn om or pa pl ps pt ro ru se si sk sl smn sq sr \
    sv sw ta te th to tr ug uk ur uz vi wae yi yo zh zu";

/// The names of a locale's further collations: MongoDB's, then that of BCP 47.
const TYPES: [(&str, &str); 12] = [
    ("big5han", "big5han"),
    ("compat", "compat"),
    ("dictionary", "dict"),
    ("eor", "eor"),
    ("gb2312han", "gb2312"),
    ("phonebook", "phonebk"),
    ("pinyin", "pinyin"),
    ("standard", "standard"),
    ("stroke", "stroke"),
    ("traditional", "trad"),
    ("unihan", "unihan"),
    ("zhuyin", "zhuyin"),
];

/// The collator, and its options as they are listed.
pub(super) fn parse(given: &Document) -> Result<(CollatorBorrowed<'static>, Document)> {
    let options = Given(given);
    options.check_fields()?;
    let name = options.locale()?;
    let mut preferences = preferences(name).ok_or_else(|| {
        let shown = Shown(&Value::Document(given.clone())).to_string();
        Error::new(2, format!("Field 'locale' is invalid in: {shown}"))
    })?;
    preferences.case_first = options.choice("caseFirst", &CASES)?;
    preferences.numeric_ordering = options
        .flag("numericOrdering")?
        .map(|numeric| match numeric {
            true => CollationNumericOrdering::True,
            false => CollationNumericOrdering::False,
        });
    let mut wanted = CollatorOptions::default();
    wanted.strength = options.strength()?;
    wanted.alternate_handling = options.choice("alternate", &ALTERNATES)?;
    wanted.max_variable = options.choice("maxVariable", &VARIABLES)?;
    wanted.case_level = options.flag("caseLevel")?.map(|on| match on {
        true => CaseLevel::On,
        false => CaseLevel::Off,
    });
    let backwards = options
        .flag("backwards")?
        .unwrap_or(name.starts_with(CANADIAN));
    let collator = build(name, preferences, wanted, backwards)?;
    let resolved = collator.resolved_options();
    check(resolved, backwards)?;
    let mut listed = list(name, resolved);
    listed.push(
        "normalization",
        options.flag("normalization")?.unwrap_or(false),
    );
    listed.push("backwards", backwards);
    listed.push("version", VERSION);
    Ok((collator, listed))
}

/// The one locale whose accents count from a word's end.
const CANADIAN: &str = "fr_CA";

const CASES: [(&str, CollationCaseFirst); 3] = [
    ("off", CollationCaseFirst::False),
    ("upper", CollationCaseFirst::Upper),
    ("lower", CollationCaseFirst::Lower),
];
const ALTERNATES: [(&str, AlternateHandling); 2] = [
    ("non-ignorable", AlternateHandling::NonIgnorable),
    ("shifted", AlternateHandling::Shifted),
];
const VARIABLES: [(&str, MaxVariable); 2] = [
    ("punct", MaxVariable::Punctuation),
    ("space", MaxVariable::Space),
];
const STRENGTHS: [Strength; 5] = [
    Strength::Primary,
    Strength::Secondary,
    Strength::Tertiary,
    Strength::Quaternary,
    Strength::Identical,
];

fn build(
    name: &str,
    mut preferences: CollatorPreferences,
    options: CollatorOptions,
    backwards: bool,
) -> Result<CollatorBorrowed<'static>> {
    if backwards != name.starts_with(CANADIAN) {
        // French of Canada and of France differ in nothing else.
        let other = match (name.split('_').next(), backwards) {
            (Some("fr"), true) => "fr-CA",
            (Some("fr"), false) => "fr",
            _ => {
                let message = format!("'backwards' for locale '{name}' is not implemented");
                return Err(Error::new(238, message));
            }
        };
        if let Ok(other) = other.parse::<Locale>() {
            preferences.locale_preferences = CollatorPreferences::from(&other).locale_preferences;
        }
    }
    CollatorBorrowed::try_new(preferences, options)
        .map_err(|e| Error::new(1, format!("no collation for locale '{name}': {e}")))
}

/// Refuses options that contradict each other.
fn check(resolved: ResolvedCollatorOptions, backwards: bool) -> Result<()> {
    let strength = resolved.strength;
    if backwards && strength == Strength::Primary {
        return Err(Error::new(
            2,
            "'backwards' is invalid with 'strength' of 1 in a collation",
        ));
    }
    let weak = matches!(strength, Strength::Primary | Strength::Secondary);
    if resolved.case_first != CollationCaseFirst::False && !is_on(resolved.case_level) && weak {
        return Err(Error::new(
            2,
            "'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater than 2",
        ));
    }
    Ok(())
}

fn is_on(level: CaseLevel) -> bool {
    level == CaseLevel::On
}

fn list(name: &str, resolved: ResolvedCollatorOptions) -> Document {
    let strength = STRENGTHS.iter().position(|s| *s == resolved.strength);
    let mut listed = Document::new();
    listed.push("locale", name);
    listed.push("caseLevel", is_on(resolved.case_level));
    listed.push("caseFirst", named(&CASES, &resolved.case_first));
    listed.push("strength", strength.map_or(3, |at| at as i32 + 1));
    listed.push(
        "numericOrdering",
        resolved.numeric == CollationNumericOrdering::True,
    );
    listed.push(
        "alternate",
        named(&ALTERNATES, &resolved.alternate_handling),
    );
    listed.push("maxVariable", named(&VARIABLES, &resolved.max_variable));
    listed
}

fn named<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    let found = names.iter().find(|(_, known)| known == value);
    found.map_or(names[0].0, |(name, _)| name)
}

/// A locale by the name MongoDB gives it: `pt`, `zh_Hant`, `fr_CA`,
/// `de@collation=phonebook`.
fn preferences(name: &str) -> Option<CollatorPreferences> {
    let (place, kind) = match name.split_once("@collation=") {
        Some((place, kind)) => (place, Some(kind)),
        None => (name, None),
    };
    let mut parts = place.split('_');
    let known = parts
        .next()
        .is_some_and(|language| LANGUAGES.split_whitespace().any(|known| known == language));
    if !known || !parts.all(is_part) {
        return None;
    }
    let mut tag = place
        .replace('_', "-")
        .replace("-US-POSIX", "-US-u-va-posix");
    if let Some(kind) = kind {
        let (_, key) = TYPES.iter().find(|(known, _)| *known == kind)?;
        tag = format!("{tag}-u-co-{key}");
    }
    tag.parse::<Locale>().ok().as_ref().map(Into::into)
}

/// A script (`Hant`), a region (`CA`, `419`), or the variant `POSIX`.
fn is_part(part: &str) -> bool {
    let all = |test: fn(&char) -> bool| part.chars().all(|c| test(&c));
    match part.len() {
        2 => all(char::is_ascii_uppercase),
        3 => all(char::is_ascii_digit),
        4 => part
            .chars()
            .enumerate()
            .all(|(at, c)| c.is_ascii_alphabetic() && c.is_ascii_uppercase() == (at == 0)),
        _ => part == "POSIX",
    }
}

/// The options as they were given.
struct Given<'a>(&'a Document);

impl<'a> Given<'a> {
    fn check_fields(&self) -> Result<()> {
        if let Some(unknown) = self.0.keys().find(|key| !FIELDS.contains(key)) {
            let message = format!("BSON field 'collation.{unknown}' is an unknown field.");
            return Err(Error::new(40415, message));
        }
        match self.0.get("version") {
            None => Ok(()),
            Some(Value::String(version)) if version == VERSION => Ok(()),
            Some(_) => Err(Error::new(
                161,
                format!("the only available collator version is {VERSION}"),
            )),
        }
    }

    fn locale(&self) -> Result<&'a str> {
        match self.text("locale")? {
            Some("") => Err(Error::new(2, "Field 'locale' cannot be the empty string")),
            Some(locale) => Ok(locale),
            None => Err(Error::new(
                40414,
                "BSON field 'collation.locale' is missing but a required field",
            )),
        }
    }

    fn text(&self, key: &str) -> Result<Option<&'a str>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(key, other, "string")),
        }
    }

    fn flag(&self, key: &str) -> Result<Option<bool>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong(key, other, "bool")),
        }
    }

    fn choice<T: Copy>(&self, key: &str, names: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let found = names.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, value)| Some(*value))
            .ok_or_else(|| invalid(key, text))
    }

    fn strength(&self) -> Result<Option<Strength>> {
        let Some(value) = self.0.get("strength") else {
            return Ok(None);
        };
        let number = whole_number(value).ok_or_else(|| wrong("strength", value, "int"))?;
        let at = usize::try_from(number - 1).ok();
        match at.and_then(|at| STRENGTHS.get(at)) {
            Some(strength) => Ok(Some(*strength)),
            None => Err(invalid("strength", &number.to_string())),
        }
    }
}

fn invalid(key: &str, given: &str) -> Error {
    let message =
        format!("Enumeration value '{given}' for field 'collation.{key}' is not a valid value.");
    Error::new(2, message)
}

fn wrong(key: &str, value: &Value, expected: &str) -> Error {
    let found = value.type_name();
    Error::new(
        14,
        format!(
            "BSON field 'collation.{key}' is the wrong type '{found}', expected type '{expected}'"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collation::Collation;
    use crate::expression::testing::document;

    /// What wasn't given is listed with what follows from the locale.
    #[test]
    fn all_options_are_listed() {
        let listed = |given| parse(&document(given)).unwrap().1;
        let english = r#"{"locale": "en", "caseLevel": false, "caseFirst": "off", "strength": 3,
            "numericOrdering": false, "alternate": "non-ignorable", "maxVariable": "punct",
            "normalization": false, "backwards": false, "version": "57.1"}"#;

        assert_eq!(document(english), listed(r#"{"locale": "en"}"#));
        assert_eq!(document(english), listed(english));
        assert_eq!(
            Some(&Value::from("upper")),
            listed(r#"{"locale": "da"}"#).get("caseFirst")
        );
    }

    /// All locales of the table have a collation.
    #[test]
    fn all_languages_are_there() {
        for language in LANGUAGES
            .split_whitespace()
            .chain(["zh_Hant", "pt_BR", "en_US_POSIX"])
        {
            let given = Document::from_iter([("locale".to_owned(), Value::from(language))]);
            assert!(parse(&given).is_ok(), "{language}");
        }
    }

    /// What is no collation is refused with the server's code.
    #[test]
    fn bad_collations_are_refused() {
        for (given, code) in [
            (r#"{"strength": 1}"#, 40414),
            (r#"{"locale": "xx"}"#, 2),
            (r#"{"locale": "pt-BR"}"#, 2),
            (r#"{"locale": ""}"#, 2),
            (r#"{"locale": 1}"#, 14),
            (r#"{"locale": "en", "strength": 6}"#, 2),
            (r#"{"locale": "en", "strength": "1"}"#, 14),
            (r#"{"locale": "en", "foo": 1}"#, 40415),
            (r#"{"locale": "en", "caseFirst": "both"}"#, 2),
            (
                r#"{"locale": "en", "caseFirst": "upper", "strength": 1}"#,
                2,
            ),
            (r#"{"locale": "fr", "backwards": true, "strength": 1}"#, 2),
            (r#"{"locale": "simple", "strength": 1}"#, 9),
        ] {
            assert_eq!(
                code,
                Collation::parse(&document(given)).unwrap_err().code,
                "{given}"
            );
        }
    }
}
