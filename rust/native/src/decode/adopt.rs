//! What a constructor is given, where pydantic would leave it as it is.
//!
//! A dict whose values are of the very types that are declared is an instance but for
//! the making. Anything else is a mismatch, and pydantic's to look at.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTimeAccess,
    PyTzInfoAccess,
};

use super::Decoder;
use super::model::{MASKED, finish};
use crate::errors::{Fault, Outcome};
use crate::kind::{Choice, Container, Kind, List};
use crate::limits::{Bounds, Lengths, Rules};
use crate::plan::{Adopted, Extra, Node, Shape};

type Made<'py> = Outcome<Bound<'py, PyAny>>;

/// The instance that a dict becomes, or the instance that is given.
pub fn adopted<'py>(
    decoder: &mut Decoder<'py>,
    value: &Bound<'py, PyAny>,
    node: &Node,
) -> Made<'py> {
    let shape = node.shape(decoder.py)?;
    must(shape.adopts)?;
    if value.get_type().is(shape.maker.class(decoder.py)) {
        return Ok(value.clone());
    }
    let given = exact(value.cast_exact::<PyDict>())?;
    decoder.level(|decoder| {
        let start = decoder.slots.len();
        decoder.slots.resize(start + shape.fields.len(), None);
        let seen = take(decoder, given, shape, start)?;
        finish(decoder, shape, start, seen, None)
    })
}

/// Puts each value into its field's slot; gives the mask of the fields that came.
fn take<'py>(
    decoder: &mut Decoder<'py>,
    given: &Bound<'py, PyDict>,
    shape: &Shape,
    start: usize,
) -> Outcome<u128> {
    let (mut seen, mut count) = (0u128, 0);
    must(shape.fields.len() <= MASKED)?;
    for (at, field) in shape.fields.iter().enumerate() {
        for name in &field.given {
            let Some(value) = given.get_item(name)? else {
                continue;
            };
            must(field.adopted == Adopted::All || held(decoder, &value))?;
            decoder.slots[start + at] = Some(field.kind.adopt(decoder, &value)?);
            seen |= 1 << at;
            count += 1;
            break;
        }
        must(field.adopted != Adopted::Given || seen & 1 << at != 0)?;
    }
    let any_keys = shape.extra == Extra::Ignore && !shape.known_only;
    must(any_keys || count == given.len())?;
    Ok(seen)
}

/// Whether a field object would hold the value just so, if it is of the declared type.
fn held<'py>(decoder: &Decoder<'py>, value: &Bound<'py, PyAny>) -> bool {
    if let Ok(moment) = value.cast_exact::<PyDateTime>() {
        let utc = moment
            .get_tzinfo()
            .is_some_and(|zone| zone.is(&decoder.types.utc));
        return utc && moment.get_microsecond() % 1000 == 0;
    }
    !value.is_none()
}

fn must(holds: bool) -> Outcome<()> {
    match holds {
        true => Ok(()),
        false => Err(Fault::Mismatch),
    }
}

#[inline]
fn exact<T, E>(cast: Result<T, E>) -> Outcome<T> {
    cast.map_err(|_| Fault::Mismatch)
}

impl Kind {
    /// The value as an instance holds it.
    fn adopt<'py>(&self, decoder: &mut Decoder<'py>, value: &Bound<'py, PyAny>) -> Made<'py> {
        let py = decoder.py;
        match self {
            Self::Text(lengths, rules) => text(value, *lengths, rules.as_deref())?,
            Self::Int(bounds) => int(value, bounds)?,
            Self::Float(bounds) => {
                let number = exact(value.cast_exact::<PyFloat>())?.value();
                must(number.is_finite() && bounds.allow_float(py, number)?)?;
            }
            Self::Bool => drop(exact(value.cast_exact::<PyBool>())?),
            Self::ObjectId => must(value.get_type().is(&decoder.types.object_id))?,
            Self::Uuid => must(value.get_type().is(&decoder.types.uuid))?,
            Self::Date { aware } => {
                let moment = exact(value.cast_exact::<PyDateTime>())?;
                must(moment.get_tzinfo().is_some() == *aware)?;
            }
            Self::Bytes(lengths) => {
                let bytes = exact(value.cast_exact::<PyBytes>())?;
                must(lengths.allow(bytes.as_bytes().len()))?;
            }
            Self::Choice(choice) => chosen(value, choice)?,
            Self::Nullable(_) if value.is_none() => {}
            Self::Nullable(inner) => return inner.adopt(decoder, value),
            Self::List(list) => return array(decoder, value, list),
            Self::Dict(inner) => return dict(decoder, value, inner),
            Self::Model(node) => return adopted(decoder, value, node),
            Self::Any => {}
            _ => return Err(Fault::Mismatch),
        }
        Ok(value.clone())
    }
}

fn text(value: &Bound<'_, PyAny>, lengths: Lengths, rules: Option<&Rules>) -> Outcome<()> {
    let text = exact(value.cast_exact::<PyString>())?;
    // A lone surrogate is pydantic's to refuse, or not.
    let bytes = exact(text.to_str())?.as_bytes();
    match rules {
        // Of another text pydantic makes the instance's own.
        Some(rules) => must(
            rules
                .made(bytes, lengths)
                .is_some_and(|made| *made == *bytes),
        ),
        None => must(lengths.allow_text(bytes)),
    }
}

fn int(value: &Bound<'_, PyAny>, bounds: &Bounds) -> Outcome<()> {
    exact(value.cast_exact::<PyInt>())?;
    let number = exact(value.extract::<i64>())?;
    if matches!(bounds, Bounds::None) {
        return Ok(());
    }
    must(bounds.allow_int(value.py(), number)?)
}

/// A member of the enumeration, or a text among literals.
fn chosen(value: &Bound<'_, PyAny>, choice: &Choice) -> Outcome<()> {
    if let Some(class) = &choice.class {
        return must(value.get_type().is(class));
    }
    let text = exact(value.cast_exact::<PyString>())?;
    let text = exact(text.to_str())?;
    must(choice.texts.iter().any(|(known, _)| **known == *text))
}

fn array<'py>(decoder: &mut Decoder<'py>, value: &Bound<'py, PyAny>, list: &List) -> Made<'py> {
    must(list.container == Container::List)?;
    let given = exact(value.cast_exact::<PyList>())?;
    must(list.lengths.allow(given.len()))?;
    decoder.level(|decoder| {
        let start = decoder.items.len();
        for item in given.iter() {
            let item = list.item.adopt(decoder, &item)?;
            decoder.items.push(item);
        }
        let made = PyList::new(decoder.py, decoder.items.drain(start..))?.into_any();
        decoder.hide(&made);
        Ok(made)
    })
}

fn dict<'py>(decoder: &mut Decoder<'py>, value: &Bound<'py, PyAny>, inner: &Kind) -> Made<'py> {
    let given = exact(value.cast_exact::<PyDict>())?;
    decoder.level(|decoder| {
        let made = PyDict::new(decoder.py);
        for (key, item) in given.iter() {
            exact(key.cast_exact::<PyString>())?;
            made.set_item(key, inner.adopt(decoder, &item)?)?;
        }
        Ok(made.into_any())
    })
}
