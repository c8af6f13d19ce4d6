//! `delete`.

use mongolane_bson::Document;

use super::Call;
use super::search::{search, variables};
use super::writes::{
    Errors, absent, check_fields, is_ordered, required, statements, with_existing,
};
use crate::number::whole_number;
use crate::query::Matcher;
use crate::storage::Namespace;
use crate::wire::Reply;
use crate::{Error, Result};

const FIELDS: [&str; 4] = ["q", "limit", "collation", "hint"];
const PLACE: &str = "delete.deletes";

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let statements = statements(call, "deletes")?;
    for statement in &statements {
        check_fields(statement, PLACE, &FIELDS)?;
        required(statement, PLACE, "q")?;
        is_one(statement)?;
    }
    let ordered = is_ordered(call)?;
    let (mut deleted, mut errors) = (0, Errors::default());
    for (at, statement) in statements.iter().enumerate() {
        match delete(call, &namespace, statement) {
            Ok(count) => deleted += count,
            Err(error) => {
                errors.push(at, &error);
                if ordered {
                    break;
                }
            }
        }
    }
    call.commit()?;
    let mut reply = Reply::new();
    reply.put("n", deleted);
    errors.append(&mut reply);
    Ok(reply)
}

/// Whether only the first document that meets the filter goes.
fn is_one(statement: &Document) -> Result<bool> {
    let limit = statement
        .get("limit")
        .ok_or_else(|| absent(PLACE, "limit"))?;
    match whole_number(limit) {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => Err(Error::new(
            9,
            format!(
                "The limit field in delete objects must be 0 or 1. Got {}",
                crate::error::Shown(limit)
            ),
        )),
    }
}

fn delete(call: &Call<'_>, namespace: &Namespace, statement: &Document) -> Result<i32> {
    let filter = required(statement, PLACE, "q")?;
    let one = is_one(statement)?;
    let matcher = Matcher::parse_with(
        filter,
        variables(call, namespace, statement.get("collation"))?,
    )?;
    let count = with_existing(call, namespace, |content| {
        let mut records = Vec::new();
        search(
            call,
            content,
            statement.get("hint"),
            &matcher,
            |record, _, _| {
                records.push(record);
                Ok(!one)
            },
        )?;
        records
            .iter()
            .for_each(|record| drop(content.remove(*record)));
        Ok(records.len() as i32)
    })?;
    Ok(count.unwrap_or(0))
}
