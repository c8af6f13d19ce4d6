//! Collations: the order of texts by a language's rules.
//!
//! A collation gives each text a sort key. Where one applies, texts are
//! replaced by theirs ([`Collation::fold`]) before anything compares them, so
//! that orders, sets, groups and index keys need no second way of comparing.

mod options;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use icu_collator::CollatorBorrowed;
use mongolane_bson::{Document, Value};

use crate::compare::{self, Key};
use crate::{Error, Result};

/// The rules by which texts are compared; cheap to clone.
#[derive(Clone)]
pub struct Collation(Arc<Rules>);

struct Rules {
    collator: CollatorBorrowed<'static>,
    listed: Document,
}

impl Collation {
    /// Reads a command's `collation`; `None` for that of plain bytes,
    /// `{locale: "simple"}`.
    ///
    /// # Errors
    /// With MongoDB's code for an unknown locale or option.
    pub fn parse(given: &Document) -> Result<Option<Self>> {
        match given.get("locale") {
            Some(Value::String(locale)) if locale == "simple" => match given.len() {
                1 => Ok(None),
                _ => Err(Error::new(
                    9,
                    "If locale=simple, no other fields should be present in a collation",
                )),
            },
            _ => {
                let (collator, listed) = options::parse(given)?;
                Ok(Some(Self(Arc::new(Rules { collator, listed }))))
            }
        }
    }

    /// All of its options, as they are listed with an index or a collection.
    #[must_use]
    pub fn listed(&self) -> &Document {
        &self.0.listed
    }

    /// The value with each text in it replaced by one that compares, byte by
    /// byte, as the text does by this collation. Names of fields stay.
    #[must_use]
    pub fn fold<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        if has_text(value) {
            Cow::Owned(self.folded(value))
        } else {
            Cow::Borrowed(value)
        }
    }

    fn folded(&self, value: &Value) -> Value {
        match value {
            Value::String(text) | Value::Symbol(text) => Value::String(self.sort_key(text)),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.folded(item)).collect())
            }
            Value::Document(inner) => Value::Document(
                inner
                    .iter()
                    .map(|(key, value)| (key.clone(), self.folded(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The bytes of the sort key as characters of the same numbers.
    fn sort_key(&self, text: &str) -> String {
        let mut key = Vec::with_capacity(text.len() * 2);
        match self.0.collator.write_sort_key_to(text, &mut key) {
            Ok(()) => key.into_iter().map(char::from).collect(),
        }
    }

    fn order(&self, a: &Value, b: &Value) -> Ordering {
        match (a, b) {
            (Value::String(a), Value::String(b)) => self.0.collator.compare(a, b),
            _ => compare::compare(&self.fold(a), &self.fold(b)),
        }
    }
}

impl fmt::Debug for Collation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Collation").field(&self.0.listed).finish()
    }
}

impl PartialEq for Collation {
    fn eq(&self, other: &Self) -> bool {
        self.0.listed == other.0.listed
    }
}

/// Whether a collation makes a difference to the value.
#[must_use]
pub fn has_text(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Symbol(_) => true,
        Value::Array(items) => items.iter().any(has_text),
        Value::Document(inner) => inner.iter().any(|(_, value)| has_text(value)),
        _ => false,
    }
}

/// [`compare::compare`] under a collation, if there is one.
#[must_use]
pub fn order(collation: Option<&Collation>, a: &Value, b: &Value) -> Ordering {
    match collation {
        None => compare::compare(a, b),
        Some(collation) => collation.order(a, b),
    }
}

/// [`Key::of`] under a collation, if there is one.
#[must_use]
pub fn key(collation: Option<&Collation>, value: &Value) -> Key {
    Key::of(&fold(collation, value))
}

/// [`Collation::fold`], if there is one.
#[must_use]
pub fn fold<'v>(collation: Option<&Collation>, value: &'v Value) -> Cow<'v, Value> {
    match collation {
        None => Cow::Borrowed(value),
        Some(collation) => collation.fold(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::testing::{document, json};

    fn collation(text: &str) -> Collation {
        Collation::parse(&document(text)).unwrap().unwrap()
    }

    fn compares(options: &str, left: &str, right: &str) -> Ordering {
        let collation = collation(options);
        let (left, right) = (Value::from(left), Value::from(right));
        let by_key = compare::compare(&collation.fold(&left), &collation.fold(&right));
        assert_eq!(
            by_key,
            collation.order(&left, &right),
            "{left:?} {right:?} {options}"
        );
        by_key
    }

    /// Each strength tells more apart than the one below.
    #[test]
    fn strengths_differ() {
        for (strength, accents, cases) in [(1, true, true), (2, false, true), (3, false, false)] {
            let options = format!(r#"{{"locale": "en", "strength": {strength}}}"#);
            assert_eq!(accents, compares(&options, "resume", "résumé").is_eq());
            assert_eq!(cases, compares(&options, "Resume", "resume").is_eq());
        }
    }

    /// Options change the order as their names say.
    #[test]
    fn options_matter() {
        use Ordering::{Equal, Greater, Less};
        for (options, left, right, expected) in [
            (r#"{"locale": "en"}"#, "a2", "a10", Greater),
            (
                r#"{"locale": "en", "numericOrdering": true}"#,
                "a2",
                "a10",
                Less,
            ),
            (r#"{"locale": "en"}"#, "a", "A", Less),
            (
                r#"{"locale": "en", "caseFirst": "upper"}"#,
                "a",
                "A",
                Greater,
            ),
            (
                r#"{"locale": "en", "strength": 1, "caseLevel": true}"#,
                "a",
                "A",
                Less,
            ),
            (
                r#"{"locale": "en", "strength": 1, "caseLevel": true}"#,
                "a",
                "á",
                Equal,
            ),
            (
                r#"{"locale": "en", "alternate": "shifted"}"#,
                "a b",
                "ab",
                Equal,
            ),
            (
                r#"{"locale": "en", "alternate": "shifted", "strength": 4}"#,
                "a b",
                "ab",
                Less,
            ),
            (
                r#"{"locale": "en", "alternate": "shifted", "maxVariable": "space"}"#,
                "a-b",
                "ab",
                Less,
            ),
            (r#"{"locale": "sv"}"#, "z", "ö", Less),
            (r#"{"locale": "de"}"#, "z", "ö", Greater),
            (
                r#"{"locale": "de@collation=phonebook", "strength": 1}"#,
                "oe",
                "ö",
                Equal,
            ),
            (r#"{"locale": "fr"}"#, "coté", "côte", Less),
            (
                r#"{"locale": "fr", "backwards": true}"#,
                "coté",
                "côte",
                Greater,
            ),
            (r#"{"locale": "fr_CA"}"#, "coté", "côte", Greater),
        ] {
            assert_eq!(
                expected,
                compares(options, left, right),
                "{options} {left} {right}"
            );
        }
    }

    /// Texts are compared by the collation wherever they stand; names aren't.
    #[test]
    fn texts_within_values_count() {
        let collation = collation(r#"{"locale": "en", "strength": 2}"#);
        let is_same = |left, right| collation.order(&json(left), &json(right)).is_eq();

        assert!(is_same(r#"{"a": ["X", 1]}"#, r#"{"a": ["x", 1.0]}"#));
        assert!(!is_same(r#"{"A": "x"}"#, r#"{"a": "x"}"#));
    }
}
