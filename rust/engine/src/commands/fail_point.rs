//! `configureFailPoint`.

use mongolane_bson::{Document, Value};

use super::Call;
use crate::wire::Reply;
use crate::{Error, Result};

pub(crate) fn configure(call: &mut Call<'_>) -> Result<Reply> {
    if call.database != "admin" {
        return Err(Error::new(
            13,
            "configureFailPoint may only be run against the admin database.",
        ));
    }
    let Some(Value::String(name)) = call.arguments.get("configureFailPoint") else {
        return Err(Error::new(
            14,
            "configureFailPoint needs the name of a fail point",
        ));
    };
    let mode = call
        .arguments
        .get("mode")
        .ok_or_else(|| call.arguments.missing("mode"))?;
    let empty = Document::new();
    let data = call.arguments.document("data")?.unwrap_or(&empty);
    call.state.fail_points.configure(name, mode, data)?;
    Ok(Reply::new())
}
