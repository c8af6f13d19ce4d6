//! Why a value isn't what a schema asks for, as error 121 explains it.

use mongolane_bson::{Document, Value};

use super::rules::Rule;
use super::{Keyword, Schema};
use crate::Result;

impl Schema {
    /// One entry for each keyword that isn't satisfied.
    pub(crate) fn failures(&self, value: &Value) -> Result<Vec<Value>> {
        let mut failures = Vec::new();
        for keyword in &self.keywords {
            if !keyword.rule.holds(value)? {
                failures.push(Value::Document(keyword.failure(value)?));
            }
        }
        Ok(failures)
    }

    /// Its title and description.
    pub(crate) fn notes(&self) -> &Document {
        &self.notes
    }

    /// The entry of one part that failed.
    fn part(&self, label: &str, place: impl Into<Value>, value: &Value) -> Result<Value> {
        let mut entry = Document::new();
        entry.push(label, place);
        for (name, note) in &self.notes {
            entry.push(name.as_str(), note.clone());
        }
        entry.push("details", self.failures(value)?);
        Ok(Value::Document(entry))
    }
}

impl Keyword {
    fn failure(&self, value: &Value) -> Result<Document> {
        let mut entry = Document::new();
        entry.push("operatorName", self.name.as_str());
        match (&self.rule, value) {
            (Rule::Properties(schemas), Value::Document(inner)) => {
                let mut failed = Vec::new();
                for (name, schema) in schemas {
                    if let Some(value) = inner.get(name)
                        && !schema.holds(value)?
                    {
                        failed.push(schema.part("propertyName", name.as_str(), value)?);
                    }
                }
                entry.push("propertiesNotSatisfied", failed);
            }
            (Rule::PatternProperties(schemas), Value::Document(inner)) => {
                let mut failed = Vec::new();
                for (name, value) in inner {
                    for (pattern, schema) in schemas {
                        if pattern.finds(name)? && !schema.holds(value)? {
                            failed.push(schema.part("propertyName", name.as_str(), value)?);
                        }
                    }
                }
                entry.push("details", failed);
            }
            (rule @ Rule::AdditionalProperties { further, .. }, Value::Document(inner)) => {
                self.specify(&mut entry);
                let others = rule.others(inner)?;
                match further {
                    None => {
                        let names = others.into_iter().map(|(name, _)| Value::from(name));
                        entry.push("additionalProperties", names.collect::<Vec<_>>());
                    }
                    Some(schema) => {
                        for (name, value) in others {
                            if !schema.holds(value)? {
                                entry.push(
                                    "reason",
                                    "at least one additional property did not match the sub-schema",
                                );
                                entry.push("failingProperty", name);
                                entry.push("details", schema.failures(value)?);
                                break;
                            }
                        }
                    }
                }
            }
            (Rule::Required(names), Value::Document(inner)) => {
                self.specify(&mut entry);
                let missing = names.iter().filter(|name| !inner.contains_key(name));
                let missing = missing.map(|name| Value::from(name.as_str()));
                entry.push("missingProperties", missing.collect::<Vec<_>>());
            }
            (Rule::Items(schema), Value::Array(items)) => {
                for (at, item) in items.iter().enumerate() {
                    if !schema.holds(item)? {
                        entry.push("reason", "At least one item did not match the sub-schema");
                        entry.push("itemIndex", at as i32);
                        entry.push("details", schema.failures(item)?);
                        break;
                    }
                }
            }
            (Rule::AllOf(schemas) | Rule::AnyOf(schemas) | Rule::OneOf(schemas), _) => {
                let mut failed = Vec::new();
                for (at, schema) in schemas.iter().enumerate() {
                    if !schema.holds(value)? {
                        failed.push(schema.part("index", at as i32, value)?);
                    }
                }
                if failed.len() < schemas.len() && matches!(self.rule, Rule::OneOf(_)) {
                    entry.push("reason", "more than one subschema matched");
                }
                entry.push("schemasNotSatisfied", failed);
            }
            (Rule::Not(_), _) => entry.push("reason", "child expression matched"),
            _ => {
                self.specify(&mut entry);
                entry.push("reason", self.reason());
                entry.push("consideredValue", value.clone());
                if matches!(self.rule, Rule::Types(_)) {
                    entry.push("consideredType", value.type_name());
                }
            }
        }
        Ok(entry)
    }

    fn specify(&self, entry: &mut Document) {
        let given = Document::from_iter([(self.name.clone(), self.given.clone())]);
        entry.push("specifiedAs", given);
    }

    fn reason(&self) -> &'static str {
        match self.rule {
            Rule::Types(_) => "type did not match",
            Rule::Enum(_) => "value was not found in enum",
            Rule::Minimum(..) | Rule::Maximum(..) => "comparison failed",
            Rule::MultipleOf(_) => "considered value is not a multiple of the specified value",
            Rule::Pattern(_) => "regular expression did not match",
            Rule::UniqueItems => "found a duplicate item",
            Rule::Size(..) => match self.name.as_str() {
                "minLength" | "maxLength" => "specified string length was not satisfied",
                "minItems" | "maxItems" => "array did not match specified length",
                _ => "specified number of properties was not satisfied",
            },
            _ => "the value did not match",
        }
    }
}
