//! `delete`.

use mongolane_bson::{Document, Value};

use super::Call;
use super::find::{search, variables};
use super::writes::{Errors, check_fields, is_ordered, statements, with_existing};
use crate::query::{Matcher, whole_number};
use crate::storage::{Namespace, refuse_collation};
use crate::wire::Reply;
use crate::{Error, Result};

const FIELDS: [&str; 4] = ["q", "limit", "collation", "hint"];

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let statements = statements(call, "deletes")?;
    for statement in &statements {
        check_fields(statement, "delete.deletes", &FIELDS)?;
    }
    let ordered = is_ordered(call);
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

fn delete(call: &Call<'_>, namespace: &Namespace, statement: &Document) -> Result<i32> {
    refuse_collation(statement.get("collation"))?;
    let Some(Value::Document(filter)) = statement.get("q") else {
        return Err(Error::new(
            40414,
            "BSON field 'delete.deletes.q' is missing but a required field",
        ));
    };
    let one = match statement.get("limit").and_then(whole_number) {
        Some(0) => false,
        Some(1) => true,
        _ => {
            return Err(Error::new(
                9,
                "The limit field in delete objects must be 0 or 1",
            ));
        }
    };
    let matcher = Matcher::parse_with(filter, variables(call)?)?;
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
