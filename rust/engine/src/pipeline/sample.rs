//! `$sample`: some documents by chance.

use mongolane_bson::Value;

use super::{Context, Documents, Run, deferred};
use crate::number::Number;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Sample(usize);

pub(super) fn parse(spec: &Value) -> Result<Sample> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            28745,
            "the $sample stage specification must be an object",
        ));
    };
    if let Some(key) = spec.keys().find(|key| *key != "size") {
        return Err(Error::new(
            28748,
            format!("unrecognized option to $sample: {key}"),
        ));
    }
    let size = spec
        .get("size")
        .ok_or_else(|| Error::new(28749, "$sample stage must specify a size"))?;
    let size = Number::of(size)
        .ok_or_else(|| Error::new(28746, "size argument to $sample must be a number"))?;
    match usize::try_from(size.to_i64_saturating()) {
        Ok(size) if size > 0 => Ok(Sample(size)),
        _ => Err(Error::new(
            28747,
            "size argument to $sample must be a positive integer",
        )),
    }
}

impl Run for Sample {
    fn run<'a>(&'a self, input: Documents<'a>, _: Context<'a>) -> Documents<'a> {
        deferred(move || {
            let mut documents = input.collect::<Result<Vec<_>>>()?;
            fastrand::shuffle(&mut documents);
            documents.truncate(self.0);
            Ok(documents)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// As many come as were asked for, or all there are.
    #[test]
    fn samples_have_size() {
        check(
            "[{}, {}, {}]",
            r#"[{"$sample": {"size": 2}}, {"$count": "n"}]"#,
            r#"[{"n": 2}]"#,
        );
        check(
            "[{}, {}, {}]",
            r#"[{"$sample": {"size": 9}}, {"$count": "n"}]"#,
            r#"[{"n": 3}]"#,
        );
        assert_eq!(28747, error(r#"[{"$sample": {"size": 0}}]"#));
    }
}
