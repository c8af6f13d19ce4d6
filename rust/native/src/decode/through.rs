//! Values that go through Python, by the shortest way there.

use mongolane_bson::Reader;
use mongolane_bson::element as tag;
use pyo3::prelude::*;

use super::typed::value_error;
use super::{Decoder, any, model};
use crate::encode::{Encoder, instance as encode_instance};
use crate::errors::{Fault, Outcome};
use crate::kind::Through;

impl Through {
    /// Makes the value under `reader`.
    pub fn decode<'py>(
        &self,
        decoder: &mut Decoder<'py>,
        tag: u8,
        reader: &mut Reader<'_>,
    ) -> Outcome<Bound<'py, PyAny>> {
        if let Some((_, made)) = self.checked(decoder, tag, reader)? {
            return Ok(made);
        }
        if let Some(made) = self.member(decoder, tag, reader)? {
            return Ok(made);
        }
        let before = std::mem::take(&mut decoder.unusual);
        let plain = any::value(decoder, tag, reader)?;
        let unusual = std::mem::replace(&mut decoder.unusual, before);
        let call = match &self.direct {
            Some(direct) if !unusual => direct,
            _ => &self.load,
        };
        let made = call.bind(decoder.py).call1((plain,));
        made.map_err(|error| value_error(decoder.py, error))
    }

    /// What `inner` makes of the value, and what is made of that; None, with the
    /// reader where it was, if it is no value of this kind.
    pub fn checked<'py>(
        &self,
        decoder: &mut Decoder<'py>,
        tag: u8,
        reader: &mut Reader<'_>,
    ) -> Outcome<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let Some(inner) = &self.inner else {
            return Ok(None);
        };
        if self.checked.is_none() && !self.exact {
            return Ok(None);
        }
        let start = (reader.position(), decoder.marks());
        let held = match inner.decode(decoder, tag, reader) {
            Err(Fault::Mismatch) => {
                reader.seek(start.0);
                decoder.reset(start.1);
                return Ok(None);
            }
            held => held?,
        };
        let Some(check) = &self.checked else {
            return Ok(Some((held.clone(), held)));
        };
        let made = model::called(check, &held)?;
        Ok(Some((held, made)))
    }

    /// An instance of the first class whose stored form the document is.
    fn member<'py>(
        &self,
        decoder: &mut Decoder<'py>,
        kind: u8,
        reader: &mut Reader<'_>,
    ) -> Outcome<Option<Bound<'py, PyAny>>> {
        if kind != tag::DOCUMENT || self.models.is_empty() {
            return Ok(None);
        }
        let start = (reader.position(), decoder.marks());
        for node in &self.models {
            let made = model::embedded(decoder, kind, reader, node);
            let end = reader.position();
            reader.seek(start.0);
            match made {
                Err(Fault::Mismatch) => decoder.reset(start.1),
                Err(fault) => return Err(fault),
                Ok(made) => {
                    let mut encoder = Encoder::new(decoder.py)?;
                    let written = encode_instance(&mut encoder, &made, node);
                    match written {
                        Ok(()) if encoder.out == reader.bytes()[start.0..end] => {
                            reader.seek(end);
                            return Ok(Some(made));
                        }
                        Ok(()) | Err(Fault::Mismatch | Fault::Encode(_)) => {}
                        Err(fault) => return Err(fault),
                    }
                }
            }
        }
        Ok(None)
    }
}
