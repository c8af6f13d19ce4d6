//! What a text index is asked to be, and how it is listed.

use mongolane_bson::{Document, Value};

use super::{EVERYTHING, Language};
use crate::number::whole_number;
use crate::{Error, Result};

/// One more than the largest weight.
const TOO_HEAVY: i64 = 100_000;

/// A text index's fields and languages.
#[derive(Clone, Debug)]
pub(crate) struct TextIndex {
    /// In the order of their names, as they are listed.
    weights: Vec<(String, i32)>,
    pub(super) language: Language,
    /// The field by which a document says which language it is in.
    pub(super) language_field: String,
    /// The fields before the texts, by which each search must say what they
    /// equal.
    pub(crate) before: Vec<String>,
    /// The fields behind the texts.
    pub(crate) after: Vec<String>,
}

impl TextIndex {
    /// Reads an index's definition; `None` if it asks for no text index. Else
    /// also the key as it is listed, and the options that belong to it.
    ///
    /// # Errors
    /// With MongoDB's code for what is wrong with it.
    pub(crate) fn parse(given: &Document) -> Result<Option<(Self, Document, Document)>> {
        let Some(Value::Document(keys)) = given.get("key") else {
            return Ok(None);
        };
        if !keys.iter().any(|(_, value)| is_text(value)) {
            return Ok(None);
        }
        let (before, texts, after) = parts(keys)?;
        let mut weights = weights(&texts, given.get("weights"))?;
        weights.sort();
        weights.iter().try_for_each(check_weight)?;
        let (language_name, language) = default_language(given)?;
        let language_field = language_field(given)?;
        let index = Self {
            weights,
            language,
            language_field,
            before: before.iter().map(|(key, _)| key.clone()).collect(),
            after: after.iter().map(|(key, _)| key.clone()).collect(),
        };
        let fixed = [
            ("_fts".to_owned(), Value::from("text")),
            ("_ftsx".to_owned(), Value::Int32(1)),
        ];
        let keys = before.into_iter().chain(fixed).chain(after).collect();
        let options = index.options(&language_name, given)?;
        Ok(Some((index, keys, options)))
    }

    fn options(&self, language_name: &str, given: &Document) -> Result<Document> {
        let version = match given.get("textIndexVersion") {
            None => 3,
            Some(version) => match whole_number(version) {
                Some(version @ 1..=3) => version as i32,
                _ => return Err(Error::new(16730, "bad textIndexVersion: it is 1, 2 or 3")),
            },
        };
        let weights = self.weights.iter();
        let weights = weights.map(|(field, weight)| (field.clone(), Value::Int32(*weight)));
        let mut options = Document::new();
        options.push("weights", weights.collect::<Document>());
        options.push("default_language", language_name);
        options.push("language_override", self.language_field.as_str());
        options.push("textIndexVersion", version);
        Ok(options)
    }

    /// How much a field's words count, if it is indexed.
    pub(super) fn weight(&self, path: &str) -> Option<f64> {
        let of = |name: &str| self.weights.iter().find(|(field, _)| field == name);
        let found = of(path).or_else(|| of(EVERYTHING));
        found.map(|(_, weight)| f64::from(*weight))
    }

    /// Whether an indexed field lies below a path.
    pub(super) fn reaches(&self, path: &str) -> bool {
        self.weights.iter().any(|(field, _)| {
            let rest = field.strip_prefix(path);
            field == EVERYTHING || rest.is_some_and(|rest| rest.starts_with('.'))
        })
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(kind) if kind == "text")
}

type Fields = Vec<(String, Value)>;

/// The fields before the texts, the texts, and those behind.
fn parts(keys: &Document) -> Result<(Fields, Vec<String>, Fields)> {
    let (mut before, mut texts, mut after) = (Fields::new(), Vec::new(), Fields::new());
    let mut listed = false;
    for (key, value) in keys {
        let reserved = key == "_fts" || key == "_ftsx";
        if reserved {
            // This is how an index looks in a list, and so it may be given.
            listed = true;
        } else if is_text(value) {
            if !after.is_empty() {
                return Err(Error::new(
                    17389,
                    "'text' fields in index must all be adjacent",
                ));
            }
            texts.push(key.clone());
        } else if !matches!(whole_number(value), Some(1 | -1)) {
            return Err(Error::new(
                17273,
                "expected value 1 or -1 for non-text key in compound index",
            ));
        } else if texts.is_empty() && !listed {
            before.push((key.clone(), value.clone()));
        } else {
            after.push((key.clone(), value.clone()));
        }
    }
    Ok((before, texts, after))
}

fn weights(texts: &[String], given: Option<&Value>) -> Result<Vec<(String, i32)>> {
    let mut weights: Vec<_> = texts.iter().map(|field| (field.clone(), 1)).collect();
    let given = match given {
        None => return Ok(weights),
        Some(Value::String(all)) if all == EVERYTHING => {
            weights.push((EVERYTHING.to_owned(), 1));
            return Ok(weights);
        }
        Some(Value::Document(given)) => given,
        Some(_) => {
            let message = "text index option 'weights' must be an object";
            return Err(Error::new(17284, message));
        }
    };
    for (field, value) in given {
        let weight = match whole_number(value) {
            Some(weight) if (1..TOO_HEAVY).contains(&weight) => weight as i32,
            Some(_) => return Err(Error::new(16674, "score for word too high")),
            None => {
                return Err(Error::new(
                    17283,
                    "weight for text index needs numeric type",
                ));
            }
        };
        weights.retain(|(known, _)| known != field);
        weights.push((field.clone(), weight));
    }
    Ok(weights)
}

fn check_weight((field, _): &(String, i32)) -> Result<()> {
    let refused = |code, why: &str| Err(Error::new(code, format!("weight cannot {why}")));
    match field.as_str() {
        EVERYTHING => Ok(()),
        "" => refused(17294, "be on an empty field"),
        _ if field.split('.').any(str::is_empty) => refused(17291, "have empty path component"),
        _ if field.split('.').any(|part| part.starts_with('$')) => {
            refused(17292, "have path component with $ prefix")
        }
        _ => Ok(()),
    }
}

/// As it was given, and what it means.
fn default_language(given: &Document) -> Result<(String, Language)> {
    let name = match given.get("default_language") {
        None => "english",
        Some(Value::String(name)) => name,
        Some(_) => return Err(Error::new(17263, "default_language needs a string type")),
    };
    match Language::named(name) {
        Some(language) => Ok((name.to_owned(), language)),
        None => Err(Error::new(17264, "default_language is not valid")),
    }
}

fn language_field(given: &Document) -> Result<String> {
    match given.get("language_override") {
        None => Ok("language".to_owned()),
        Some(Value::String(field))
            if !field.is_empty() && !field.starts_with('$') && !field.contains('.') =>
        {
            Ok(field.clone())
        }
        Some(_) => Err(Error::new(17136, "language_override is not valid")),
    }
}
