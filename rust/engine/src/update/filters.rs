//! Array filters: which elements `$[name]` means.

use std::cell::Cell;

use mongolane_bson::{Document, Value};

use crate::expression::Variables;
use crate::query::Matcher;
use crate::{Error, Result};

/// The filters by their names.
#[derive(Debug, Default)]
pub(super) struct ArrayFilters(Vec<Named>);

#[derive(Debug)]
struct Named {
    name: String,
    matcher: Matcher,
    used: Cell<bool>,
}

impl ArrayFilters {
    pub(super) fn parse(filters: &[Value], variables: &Variables) -> Result<Self> {
        let mut parsed: Vec<Named> = Vec::new();
        for filter in filters {
            let Value::Document(filter) = filter else {
                return Err(Error::new(14, "array filters have to be objects"));
            };
            let name = name_of(filter)?.ok_or_else(|| {
                Error::new(
                    9,
                    "Cannot use an expression without a top-level field name in arrayFilters",
                )
            })?;
            if parsed.iter().any(|known| known.name == name) {
                let message = format!(
                    "Found multiple array filters with the same top-level field name {name}"
                );
                return Err(Error::new(9, message));
            }
            parsed.push(Named {
                name,
                matcher: Matcher::parse_with(filter, variables.clone())?,
                used: Cell::new(false),
            });
        }
        Ok(Self(parsed))
    }

    /// Notes that a path uses a name; it must be known.
    pub(super) fn expect(&self, name: &str, path: &str) -> Result<()> {
        match self.0.iter().find(|filter| filter.name == name) {
            Some(filter) => {
                filter.used.set(true);
                Ok(())
            }
            None => {
                let message =
                    format!("No array filter found for identifier '{name}' in path '{path}'");
                Err(Error::new(2, message))
            }
        }
    }

    /// Refuses a filter that no path uses.
    pub(super) fn check_used(&self) -> Result<()> {
        match self.0.iter().find(|filter| !filter.used.get()) {
            Some(unused) => Err(Error::new(
                9,
                format!(
                    "The array filter for identifier '{}' was not used in the update",
                    unused.name
                ),
            )),
            None => Ok(()),
        }
    }

    /// Whether an element is meant by `$[name]`.
    pub(super) fn means(&self, name: &str, item: &Value) -> Result<bool> {
        let Some(filter) = self.0.iter().find(|filter| filter.name == name) else {
            return Ok(false);
        };
        let mut wrapped = Document::new();
        wrapped.push(name, item.clone());
        filter.matcher.matches(&wrapped)
    }
}

/// The one name that all fields of a filter begin with.
fn name_of(filter: &Document) -> Result<Option<String>> {
    let mut name: Option<String> = None;
    for (key, value) in filter {
        let found = match value {
            Value::Array(items) if key.starts_with('$') => names_in(items)?,
            _ if key.starts_with('$') => None,
            _ => key.split('.').next().map(str::to_owned),
        };
        match (&name, found) {
            (Some(known), Some(found)) if *known != found => {
                return Err(Error::new(
                    9,
                    format!(
                        "Error parsing array filter :: caused by :: Expected a single top-level field name, found '{known}' and '{found}'"
                    ),
                ));
            }
            (None, found) => name = found,
            _ => {}
        }
    }
    match &name {
        Some(name)
            if !name.starts_with(|c: char| c.is_ascii_lowercase())
                || !name.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            Err(Error::new(
                2,
                format!(
                    "Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '{name}'"
                ),
            ))
        }
        _ => Ok(name),
    }
}

fn names_in(items: &[Value]) -> Result<Option<String>> {
    let mut name = None;
    for item in items {
        if let Value::Document(inner) = item {
            name = name.or(name_of(inner)?);
        }
    }
    Ok(name)
}
