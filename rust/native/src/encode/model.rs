//! Instances of a class to documents.

use mongolane_bson::element as tag;
use mongolane_bson::writer::{close, head, open};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::{Encoder, any};
use crate::errors::{Fault, Outcome};
use crate::ffi::{DictWalk, attribute};
use crate::plan::{Extra, Node, Shape};

/// Writes an instance as an embedded document.
pub fn embedded<'py>(
    encoder: &mut Encoder<'py>,
    instance: &Bound<'py, PyAny>,
    node: &Node,
) -> Outcome<u8> {
    encoder.deeper(|encoder| whole(encoder, instance, node))?;
    Ok(tag::DOCUMENT)
}

/// Writes an instance; one with a value of another type than declared goes by `dump`.
pub fn whole<'py>(
    encoder: &mut Encoder<'py>,
    instance: &Bound<'py, PyAny>,
    node: &Node,
) -> Outcome<()> {
    let shape = node.shape(encoder.py)?;
    let start = encoder.out.len();
    let own = instance.get_type().is(shape.maker.class(encoder.py));
    if encoder.exact {
        return match own {
            true => fields(encoder, instance, shape),
            false => Err(Fault::Mismatch),
        };
    }
    if own && !shape.whole_dump {
        match fields(encoder, instance, shape) {
            Err(Fault::Mismatch) => encoder.out.truncate(start),
            Err(Fault::Encode(_)) if encoder.depth == 0 && shape.dump.is_some() => {
                encoder.out.truncate(start)
            }
            outcome => return outcome,
        }
    } else if !instance.is_instance(shape.maker.class(encoder.py))? {
        return Err(Fault::Mismatch);
    }
    dumped(encoder, instance, shape)
}

#[cold]
fn dumped<'py>(
    encoder: &mut Encoder<'py>,
    instance: &Bound<'py, PyAny>,
    shape: &Shape,
) -> Outcome<()> {
    let Some(dump) = &shape.dump else {
        return Err(Fault::Mismatch);
    };
    encoder.doubtful = true;
    let plain = dump.bind(encoder.py).call1((instance,))?;
    super::mapping(encoder, &plain)
}

/// Writes an instance's attributes, each of which is as declared.
#[inline]
pub fn fields<'py>(
    encoder: &mut Encoder<'py>,
    instance: &Bound<'py, PyAny>,
    shape: &Shape,
) -> Outcome<()> {
    let py = encoder.py;
    let start = open(&mut encoder.out);
    for field in &shape.fields {
        let Some(value) = attribute(instance, field.name.bind(py))? else {
            if encoder.exact {
                return Err(Fault::Mismatch);
            }
            encoder.doubtful = true;
            continue;
        };
        if field.omit_none && value.is_none() && !encoder.exact {
            continue;
        }
        let key = field.key.key();
        encoder.room(key.len())?;
        let mark = head(&mut encoder.out, key);
        let tag = field
            .kind
            .encode(encoder, &value)
            .map_err(|fault| fault.within(key))?;
        mark.set(&mut encoder.out, tag);
    }
    if shape.extra == Extra::Allow {
        extra(encoder, instance)?;
    }
    close(&mut encoder.out, start);
    Ok(())
}

/// What the class does not declare but allows.
fn extra<'py>(encoder: &mut Encoder<'py>, instance: &Bound<'py, PyAny>) -> Outcome<()> {
    let name = PyString::intern(encoder.py, "__pydantic_extra__");
    let Some(extra) = attribute(instance, &name)? else {
        return Ok(());
    };
    let Ok(extra) = extra.cast::<PyDict>() else {
        return Ok(());
    };
    let mut walk = DictWalk::new(extra);
    while let Some((key, value)) = walk.next()? {
        any::element(encoder, &key, &value)?;
    }
    Ok(())
}
