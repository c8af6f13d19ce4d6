//! A collection's validator: what its documents must be.

use mongolane_bson::{Document, Value};

use crate::path::Raw;
use crate::query::{Matcher, Node};
use crate::schema::Schema;
use crate::{Error, Result};

/// The rules of a collection, and for whom they hold.
#[derive(Debug)]
pub(super) struct Validator {
    given: Document,
    matcher: Matcher,
    /// Whether documents that broke the rules before may go on to.
    is_moderate: bool,
}

impl Validator {
    /// Reads a collection's options; `None` where nothing is refused.
    pub(super) fn parse(options: &Document) -> Result<Option<Self>> {
        let is = |key: &str, value: &str| options.get(key) == Some(&Value::from(value));
        let given = match options.get("validator") {
            Some(Value::Document(given)) if !given.is_empty() => given.clone(),
            _ => return Ok(None),
        };
        let matcher = Matcher::parse(&given)?;
        if matcher.needs_text_index() || matcher.near().is_some() {
            let message = "$text and $near are not allowed in a validator";
            return Err(Error::new(224, message));
        }
        if is("validationLevel", "off") || is("validationAction", "warn") {
            return Ok(None);
        }
        Ok(Some(Self {
            given,
            matcher,
            is_moderate: is("validationLevel", "moderate"),
        }))
    }

    /// Refuses a document that breaks the rules.
    pub(super) fn check(&self, new: &[u8], old: Option<&[u8]>) -> Result<()> {
        if self.matcher.find(&Raw(new))?.is_some() {
            return Ok(());
        }
        if let Some(old) = old.filter(|_| self.is_moderate)
            && self.matcher.find(&Raw(old))?.is_none()
        {
            return Ok(());
        }
        let document = Document::from_bytes(new).unwrap_or_default();
        let mut info = Document::new();
        if let Some(id) = document.get("_id") {
            info.push("failingDocumentId", id.clone());
        }
        info.push("details", self.details(&document)?);
        let mut details = Document::new();
        details.push("errInfo", info);
        Err(Error {
            details: Some(Box::new(details)),
            ..Error::new(121, "Document failed validation")
        })
    }

    fn details(&self, document: &Document) -> Result<Document> {
        let mut failed = Vec::new();
        for (at, (key, value)) in self.given.iter().enumerate() {
            let clause = Document::from_iter([(key.clone(), value.clone())]);
            let matcher = Matcher::parse(&clause)?;
            if !matcher.matches(document)? {
                failed.push((at, explain(&clause, &matcher, document)?));
            }
        }
        match (failed.len(), self.given.len()) {
            (1, 1) => Ok(failed.remove(0).1),
            _ => {
                let clause = |(at, details): (usize, Document)| {
                    let mut clause = Document::new();
                    clause.push("index", at as i32);
                    clause.push("details", details);
                    Value::Document(clause)
                };
                let mut details = Document::new();
                details.push("operatorName", "$and");
                let clauses: Vec<_> = failed.into_iter().map(clause).collect();
                details.push("clausesNotSatisfied", clauses);
                Ok(details)
            }
        }
    }
}

/// Why one clause isn't met.
fn explain(clause: &Document, matcher: &Matcher, document: &Document) -> Result<Document> {
    let mut details = Document::new();
    if let Node::Schema(schema) = matcher.root() {
        return schema_details(schema, document);
    }
    let Some((key, value)) = clause.iter().next() else {
        return Ok(details);
    };
    let operator = match value {
        _ if key.starts_with('$') => key.as_str(),
        Value::Document(inner) if crate::query::is_operators(inner) => {
            inner.keys().next().unwrap_or("$eq")
        }
        _ => "$eq",
    };
    details.push("operatorName", operator);
    details.push("specifiedAs", clause.clone());
    if !key.starts_with('$') {
        match crate::path::get(document, key) {
            Some(value) => {
                details.push("reason", "comparison failed");
                details.push("consideredValue", value.clone());
            }
            None => details.push("reason", "field was missing"),
        }
    }
    Ok(details)
}

fn schema_details(schema: &Schema, document: &Document) -> Result<Document> {
    let mut details = Document::new();
    details.push("operatorName", "$jsonSchema");
    for (name, note) in schema.notes() {
        details.push(name.as_str(), note.clone());
    }
    let value = Value::Document(document.clone());
    details.push("schemaRulesNotSatisfied", schema.failures(&value)?);
    Ok(details)
}
