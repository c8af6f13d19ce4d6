//! Text indexes: which fields they hold, and how well a document's words fit.

mod definition;
mod language;
mod search;

use std::collections::HashMap;

use mongolane_bson::{Document, Value};

pub(crate) use definition::TextIndex;
pub(crate) use language::Language;
pub(crate) use search::{Bound, Search};

use crate::{Error, Result};
use language::Sensitivity;

/// The name of the field in which a document on its way through a pipeline
/// carries its score: one that no stored field can have.
pub(crate) const SCORE: &str = "\0textScore";

/// All fields, in a text index's key or weights.
const EVERYTHING: &str = "$**";

/// A text of a document, with what its field says about it.
struct Text<'d> {
    text: &'d str,
    language: Language,
    weight: f64,
}

impl TextIndex {
    /// The words of a document with their scores.
    ///
    /// # Errors
    /// 17261 and 17262 where the document names no language.
    pub(crate) fn scores(&self, document: &Document) -> Result<HashMap<String, f64>> {
        let mut scores = HashMap::new();
        for text in self.texts(document)? {
            score(&text, &mut scores);
        }
        Ok(scores)
    }

    /// The indexed texts of a document.
    fn texts<'d>(&self, document: &'d Document) -> Result<Vec<Text<'d>>> {
        let mut texts = Vec::new();
        self.collect(document, &mut String::new(), self.language, &mut texts)?;
        Ok(texts)
    }

    fn collect<'d>(
        &self,
        document: &'d Document,
        path: &mut String,
        language: Language,
        out: &mut Vec<Text<'d>>,
    ) -> Result<()> {
        let language = self.language_of(document, language)?;
        for (key, value) in document {
            if *key == self.language_field {
                continue;
            }
            let length = path.len();
            if length > 0 {
                path.push('.');
            }
            path.push_str(key);
            self.collect_value(value, path, language, out)?;
            path.truncate(length);
        }
        Ok(())
    }

    fn collect_value<'d>(
        &self,
        value: &'d Value,
        path: &mut String,
        language: Language,
        out: &mut Vec<Text<'d>>,
    ) -> Result<()> {
        match value {
            Value::String(text) => out.extend(self.weight(path).map(|weight| Text {
                text,
                language,
                weight,
            })),
            Value::Document(inner) if self.reaches(path) => {
                self.collect(inner, path, language, out)?;
            }
            Value::Array(items) => {
                for item in items {
                    self.collect_value(item, path, language, out)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The language that a document says its texts are in.
    fn language_of(&self, document: &Document, outer: Language) -> Result<Language> {
        match document.get(&self.language_field) {
            None => Ok(outer),
            Some(Value::String(name)) => Language::named(name)
                .ok_or_else(|| Error::new(17262, format!("language override unsupported: {name}"))),
            Some(_) => Err(Error::new(
                17261,
                "found language override field in document with non-string type",
            )),
        }
    }
}

/// Adds what one text's words score: the more often a word comes, and the
/// fewer others there are, the more.
fn score(text: &Text<'_>, scores: &mut HashMap<String, f64>) {
    let words = text.language.words(text.text, Sensitivity::default());
    let total = words.len() as f64;
    let mut counts: HashMap<String, i32> = HashMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    for (word, count) in counts {
        // Each further occurrence is worth half of the one before it.
        let frequency = 2.0 - 0.5f64.powi(count - 1);
        let share = 0.5 * f64::from(count) / total + 0.5;
        let is_all = text.text.len() == word.len() && text.text.eq_ignore_ascii_case(&word);
        let alone = if is_all { 1.1 } else { 1.0 };
        *scores.entry(word).or_default() += text.weight * frequency * share * alone;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::testing::document;

    fn index(spec: &str) -> TextIndex {
        TextIndex::parse(&document(spec)).unwrap().unwrap().0
    }

    fn score_of(spec: &str, given: &str, word: &str) -> f64 {
        let scores = index(spec).scores(&document(given)).unwrap();
        (scores.get(word).copied().unwrap_or(0.0) * 1e6).round() / 1e6
    }

    /// Scores follow the share of the words, their number and the weights.
    #[test]
    fn words_have_scores() {
        let plain = r#"{"key": {"a": "text", "b": "text"}}"#;
        assert_eq!(1.1, score_of(plain, r#"{"a": "Coffee"}"#, "coffe") * 1.1);
        assert_eq!(1.1, score_of(plain, r#"{"a": "shop"}"#, "shop"));
        assert_eq!(0.75, score_of(plain, r#"{"a": "coffee shop"}"#, "shop"));
        assert_eq!(1.5, score_of(plain, r#"{"a": "cake cake"}"#, "cake"));
        assert_eq!(
            2.2,
            score_of(plain, r#"{"a": "shop", "b": "shop"}"#, "shop")
        );
        let weighed = r#"{"key": {"a": "text"}, "weights": {"a": 5}}"#;
        assert_eq!(5.5, score_of(weighed, r#"{"a": "shop"}"#, "shop"));
    }

    /// Texts are found within arrays and documents, or everywhere.
    #[test]
    fn texts_are_found() {
        let spec = r#"{"key": {"a.b": "text"}}"#;
        assert_eq!(
            1.1,
            score_of(spec, r#"{"a": [{"b": "shop"}, {"c": "shop"}]}"#, "shop")
        );
        let all = r#"{"key": {"$**": "text"}, "weights": {"a": 3}}"#;
        assert_eq!(3.3, score_of(all, r#"{"a": "shop"}"#, "shop"));
        assert_eq!(1.1, score_of(all, r#"{"x": {"y": ["shop"]}}"#, "shop"));
    }

    /// A document may say which language it is in.
    #[test]
    fn documents_have_languages() {
        let spec = r#"{"key": {"a": "text", "n.a": "text"}}"#;
        let portuguese = r#"{"language": "portuguese", "a": "as casas"}"#;
        assert_eq!(1.0, score_of(spec, portuguese, "cas"));
        let nested = r#"{"n": [{"a": "casas", "language": "none"}]}"#;
        assert_eq!(1.1, score_of(spec, nested, "casas"));
        let unknown = document(r#"{"language": "klingon", "a": "x"}"#);
        assert_eq!(17262, index(spec).scores(&unknown).unwrap_err().code);
    }
}
