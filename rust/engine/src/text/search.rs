//! `$text`: what is looked for, and whether a document has it.

use std::collections::HashSet;
use std::sync::Arc;

use mongolane_bson::{Document, Value};

use super::language::{Language, Sensitivity, folded};
use super::{Text, TextIndex};
use crate::{Error, Result};

/// A `$text` as it was asked, still without the index that answers it.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    text: String,
    language: Option<Language>,
    sensitivity: Sensitivity,
}

/// A search in the words of an index's language.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    index: Arc<TextIndex>,
    language: Language,
    sensitivity: Sensitivity,
    /// The words as the index holds them.
    terms: HashSet<String>,
    /// Those of which a document must have one, as exact as was asked.
    exact: HashSet<String>,
    unwanted: HashSet<String>,
    phrases: Vec<String>,
    unwanted_phrases: Vec<String>,
}

/// The parts of a search text.
#[derive(Debug, Default, PartialEq)]
struct Parts {
    wanted: String,
    unwanted: String,
    phrases: Vec<String>,
    unwanted_phrases: Vec<String>,
}

impl Search {
    /// Parses what stands behind `$text`.
    ///
    /// # Errors
    /// With MongoDB's code for what is wrong with it.
    pub(crate) fn parse(value: &Value) -> Result<Self> {
        let Value::Document(given) = value else {
            return Err(Error::new(2, "$text expects an object"));
        };
        let flag = |key: &str| match given.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong(key, other, "bool")),
        };
        let text = match given.get("$search") {
            Some(Value::String(text)) => text.clone(),
            Some(other) => return Err(wrong("$search", other, "string")),
            None => {
                return Err(Error::new(
                    40414,
                    "BSON field '$text.$search' is missing but a required field",
                ));
            }
        };
        let language = match given.get("$language") {
            None => None,
            Some(Value::String(name)) => Some(Language::named(name).ok_or_else(|| {
                let message = format!("unsupported language: \"{name}\" for text index version 3");
                Error::new(2, message)
            })?),
            Some(other) => return Err(wrong("$language", other, "string")),
        };
        const KNOWN: [&str; 4] = [
            "$search",
            "$language",
            "$caseSensitive",
            "$diacriticSensitive",
        ];
        if let Some(unknown) = given.keys().find(|key| !KNOWN.contains(key)) {
            return Err(Error::new(2, format!("extra fields in $text: {unknown}")));
        }
        let sensitivity = Sensitivity {
            case: flag("$caseSensitive")?,
            diacritics: flag("$diacriticSensitive")?,
        };
        Ok(Self {
            text,
            language,
            sensitivity,
        })
    }

    /// The search as an index answers it.
    pub(crate) fn bind(&self, index: &Arc<TextIndex>) -> Bound {
        let language = self.language.unwrap_or(index.language);
        let parts = split(&self.text);
        let words = |text: &str, how| language.words(text, how).into_iter().collect();
        Bound {
            index: Arc::clone(index),
            language,
            sensitivity: self.sensitivity,
            terms: words(&parts.wanted, Sensitivity::default()),
            exact: words(&parts.wanted, self.sensitivity),
            unwanted: words(&parts.unwanted, self.sensitivity),
            phrases: parts.phrases,
            unwanted_phrases: parts.unwanted_phrases,
        }
    }
}

fn wrong(key: &str, value: &Value, expected: &str) -> Error {
    let found = value.type_name();
    let message =
        format!("BSON field '$text.{key}' is the wrong type '{found}', expected type '{expected}'");
    Error::new(14, message)
}

/// Words, phrases in quotes, and either of them without after a minus sign
/// that follows a space. The words of a phrase are looked for by themselves
/// as well.
fn split(text: &str) -> Parts {
    let mut parts = Parts::default();
    let mut phrase: Option<String> = None;
    let (mut negated, mut after_space) = (false, true);
    for c in text.chars() {
        match (&mut phrase, c) {
            (Some(inside), '"') => {
                let phrases = match negated {
                    true => &mut parts.unwanted_phrases,
                    false => &mut parts.phrases,
                };
                phrases.push(std::mem::take(inside));
                phrase = None;
            }
            (None, '"') => {
                negated &= !after_space;
                phrase = Some(String::new());
            }
            (None, '-') if after_space => negated = true,
            _ => {
                let is_space = c.is_whitespace();
                if let Some(inside) = &mut phrase {
                    inside.push(c);
                } else if is_space {
                    negated = false;
                }
                match (negated, phrase.is_some()) {
                    (false, _) => parts.wanted.push(c),
                    (true, false) => parts.unwanted.push(c),
                    (true, true) => {}
                }
            }
        }
        if c == '"' || c == '-' || c.is_whitespace() {
            parts.wanted.push(' ');
            parts.unwanted.push(' ');
        }
        after_space = c.is_whitespace();
    }
    parts
}

impl Bound {
    /// The words by which the index finds candidates.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(String::as_str)
    }

    pub(crate) fn index(&self) -> &Arc<TextIndex> {
        &self.index
    }

    /// How well a document fits; `None` where it doesn't.
    pub(crate) fn score(&self, document: &Document) -> Result<Option<f64>> {
        let scores = self.index.scores(document)?;
        let found: f64 = self.terms.iter().filter_map(|term| scores.get(term)).sum();
        let texts = self.index.texts(document)?;
        let fits = found > 0.0 && self.has_words(&texts) && self.has_phrases(&texts);
        Ok(fits.then_some(found))
    }

    /// Whether one of the wanted words is there, and none of the unwanted.
    fn has_words(&self, texts: &[Text<'_>]) -> bool {
        let strict = self.sensitivity != Sensitivity::default();
        if !strict && self.unwanted.is_empty() {
            return true;
        }
        let words = texts
            .iter()
            .flat_map(|text| self.language.words(text.text, self.sensitivity));
        let mut has_wanted = !strict;
        for word in words {
            if self.unwanted.contains(&word) {
                return false;
            }
            has_wanted |= self.exact.contains(&word);
        }
        has_wanted
    }

    fn has_phrases(&self, texts: &[Text<'_>]) -> bool {
        if self.phrases.is_empty() && self.unwanted_phrases.is_empty() {
            return true;
        }
        let folded_texts: Vec<_> = texts
            .iter()
            .map(|text| folded(text.text, self.sensitivity))
            .collect();
        let is_there = |phrase: &String| {
            let phrase = folded(phrase, self.sensitivity);
            folded_texts.iter().any(|text| text.contains(&phrase))
        };
        self.phrases.iter().all(is_there) && !self.unwanted_phrases.iter().any(is_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::testing::{document, json};

    fn fits(search: &str, text: &str) -> bool {
        let spec = document(r#"{"key": {"t": "text"}}"#);
        let index = Arc::new(TextIndex::parse(&spec).unwrap().unwrap().0);
        let bound = Search::parse(&json(search)).unwrap().bind(&index);
        let document = Document::from_iter([("t".to_owned(), Value::from(text))]);
        bound.score(&document).unwrap().is_some()
    }

    /// Any word is enough, all phrases must be there, what is unwanted mustn't.
    #[test]
    fn words_phrases_and_negations() {
        for (search, text, expected) in [
            ("coffee cake", "some coffees", true),
            ("tea", "some coffees", false),
            ("coffee -shop", "coffee shops", false),
            ("coffee -shop", "coffee", true),
            ("-shop", "coffee", false),
            ("coffee-shop", "a shop", true),
            (r#"\"coffee shop\""#, "Coffee Shop!", true),
            (r#"\"coffee shop\""#, "coffee and a shop", false),
            (r#"\"coffee shop\" cake"#, "cake", false),
            (r#"cake -\"coffee shop\""#, "cake in a coffee shop", false),
            (r#"cake -\"coffee shop\""#, "coffee cake", true),
            (r#"\"coffee\" \"cake\""#, "coffee", false),
            ("CAFÉ", "the cafe", true),
            ("the", "the cafe", false),
        ] {
            let search_document = format!(r#"{{"$search": "{search}"}}"#);
            assert_eq!(expected, fits(&search_document, text), "{search} in {text}");
        }
    }

    /// Case and accents count where they are asked to.
    #[test]
    fn sensitivity_is_asked_for() {
        let case = |text| format!(r#"{{"$search": "{text}", "$caseSensitive": true}}"#);
        assert!(fits(&case("Coffee"), "Coffee"));
        assert!(!fits(&case("Coffee"), "coffee"));
        assert!(fits(&case("coffee -Shop"), "coffee shop"));
        let accents = |text| format!(r#"{{"$search": "{text}", "$diacriticSensitive": true}}"#);
        assert!(fits(&accents("café"), "CAFÉ"));
        assert!(!fits(&accents("cafe"), "café"));
        assert!(!fits(
            r#"{"$search": "the", "$language": "none"}"#,
            "of the cafe"
        ));
    }

    /// What is no search is refused with the server's code.
    #[test]
    fn bad_searches_are_refused() {
        for (search, code) in [
            (r#"{}"#, 40414),
            (r#"{"$search": 1}"#, 14),
            (r#"{"$search": "x", "$language": "klingon"}"#, 2),
            (r#"{"$search": "x", "$caseSensitive": 1}"#, 14),
            (r#"{"$search": "x", "foo": 1}"#, 2),
        ] {
            assert_eq!(
                code,
                Search::parse(&json(search)).unwrap_err().code,
                "{search}"
            );
        }
    }
}
