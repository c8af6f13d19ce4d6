//! Update documents to modifiers: which operator, where, with what.

use std::cmp::Ordering;

use mongolane_bson::{Document, Value};

use super::Situation;
use super::action::Action;
use super::filters::ArrayFilters;
use super::paths::UpdatePath;
use crate::expression::Variables;
use crate::path::position;
use crate::{Error, Result};

/// One operator on one path.
#[derive(Debug)]
pub(super) struct Modifier {
    path: UpdatePath,
    action: Action,
}

/// Parses `{$set: {a: 1}, $inc: {b: 2}}`, in the order in which the fields are
/// to be changed.
pub(super) fn parse(
    update: &Document,
    filters: &ArrayFilters,
    variables: &Variables,
) -> Result<Vec<Modifier>> {
    let mut modifiers = Vec::new();
    for (operator, fields) in update {
        if !Action::is_known(operator) {
            return Err(Error::new(
                9,
                format!(
                    "Unknown modifier: {operator}. Expected a valid update modifier or \
                     pipeline-style update specified as an array"
                ),
            ));
        }
        let Value::Document(fields) = fields else {
            return Err(Error::new(
                9,
                format!(
                    "Modifiers operate on fields but we found type {} instead. For example: {{$mod: \
                     {{<field>: ...}}}} not {{{operator}: {}}}",
                    fields.type_name(),
                    crate::error::Shown(fields)
                ),
            ));
        };
        for (key, value) in fields {
            let path = UpdatePath::parse(key, filters)?;
            modifiers.push(Modifier {
                path,
                action: Action::parse(operator, key, value, variables)?,
            });
        }
    }
    filters.check_used()?;
    check_conflicts(&modifiers)?;
    modifiers.sort_by(|l, r| compare_paths(&l.path.text, &r.path.text));
    Ok(modifiers)
}

/// No path may be another one or lie below it.
fn check_conflicts(modifiers: &[Modifier]) -> Result<()> {
    let mut paths: Vec<&str> = Vec::new();
    for modifier in modifiers {
        let renamed = match &modifier.action {
            Action::Rename(to) => Some(to.as_str()),
            _ => None,
        };
        for path in std::iter::once(modifier.path.text.as_str()).chain(renamed) {
            if let Some(other) = paths.iter().find(|other| overlap(other, path)) {
                let shorter = if other.len() < path.len() {
                    other
                } else {
                    path
                };
                return Err(Error::new(
                    40,
                    format!("Updating the path '{path}' would create a conflict at '{shorter}'"),
                ));
            }
            paths.push(path);
        }
    }
    Ok(())
}

fn overlap(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Part by part; positions as numbers.
fn compare_paths(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(l), Some(r)) => match (position(l), position(r)) {
                (Some(l), Some(r)) => l.cmp(&r),
                _ => l.cmp(r),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Modifier {
    pub(super) fn apply(
        &self,
        document: &mut Document,
        situation: Situation,
        filters: &ArrayFilters,
    ) -> Result<()> {
        if let Action::SetOnInsert(_) = self.action
            && !situation.is_insert
        {
            return Ok(());
        }
        for place in self.path.places(document, situation, filters)? {
            self.action.apply(document, &place)?;
        }
        Ok(())
    }
}
