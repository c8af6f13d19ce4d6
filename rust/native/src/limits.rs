//! Constraints that need no Python, or only a comparison.

use std::borrow::Cow;

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt};
use regex::Regex;

/// Least and most of a length.
#[derive(Clone, Copy)]
pub struct Lengths {
    least: usize,
    most: usize,
}

impl Lengths {
    /// Reads `min_length` and `max_length`.
    pub fn read(kind: &Bound<'_, PyAny>) -> PyResult<Self> {
        let least: Option<usize> = kind.getattr("min_length")?.extract()?;
        let most: Option<usize> = kind.getattr("max_length")?.extract()?;
        let (least, most) = (least.unwrap_or(0), most.unwrap_or(usize::MAX));
        Ok(Self { least, most })
    }

    /// Whether there are any.
    pub fn any(self) -> bool {
        self.least != 0 || self.most != usize::MAX
    }

    /// Whether a length is allowed.
    #[inline]
    pub fn allow(self, size: usize) -> bool {
        (self.least..=self.most).contains(&size)
    }

    /// Whether a text is, whose length is counted in code points. (Bytes that are
    /// not UTF-8 are refused elsewhere.)
    #[inline]
    pub fn allow_text(self, bytes: &[u8]) -> bool {
        if !self.any() {
            return true;
        }
        self.allow(bytes.iter().filter(|b| **b & 0xC0 != 0x80).count())
    }
}

/// What is made of a text, and what it must match, by the libraries that pydantic has it
/// from.
pub struct Rules {
    pattern: Option<Regex>,
    strip: bool,
    case: Option<fn(&str) -> String>,
}

impl Rules {
    /// Reads `pattern`, `strip` and `case`; None where there are none.
    pub fn read(kind: &Bound<'_, PyAny>) -> PyResult<Option<Box<Self>>> {
        let pattern = kind.getattr("pattern")?.extract::<Option<String>>()?;
        let pattern = pattern.map(|text| Regex::new(&text)).transpose();
        let rules = Self {
            pattern: pattern.map_err(|error| PyValueError::new_err(error.to_string()))?,
            strip: kind.getattr("strip")?.extract()?,
            case: match kind
                .getattr("case")?
                .extract::<Option<String>>()?
                .as_deref()
            {
                None => None,
                Some("lower") => Some(str::to_lowercase),
                Some("upper") => Some(str::to_uppercase),
                Some(other) => {
                    return Err(PyValueError::new_err(format!("an unknown case {other}")));
                }
            },
        };
        let any = rules.pattern.is_some() || rules.strip || rules.case.is_some();
        Ok(any.then(|| Box::new(rules)))
    }

    /// What is made of a text; None if it is not allowed, or Python is to decide.
    pub fn made<'a>(&self, bytes: &'a [u8], lengths: Lengths) -> Option<Cow<'a, [u8]>> {
        let mut text = std::str::from_utf8(bytes).ok()?;
        if self.strip {
            text = text.trim();
        }
        let fits = self.pattern.as_ref().is_none_or(|one| one.is_match(text));
        if !fits || !lengths.allow_text(text.as_bytes()) {
            return None;
        }
        let Some(case) = self.case else {
            return Some(Cow::Borrowed(text.as_bytes()));
        };
        // Of other scripts pydantic may know an older or a newer Unicode.
        let settled = |c: char| matches!(c, '\0'..='\u{1C7F}' | '\u{3000}'..='\u{9FFF}');
        let known = text.is_ascii() || text.chars().all(settled);
        known.then(|| Cow::Owned(case(text).into_bytes()))
    }
}

/// Least and most of a number.
pub enum Bounds {
    None,
    /// Both ends included.
    Int(i64, i64),
    /// `ge`, `gt`, `le`, `lt`.
    Float([Option<f64>; 4]),
    /// Anything else: Python compares.
    Python(Vec<(CompareOp, Py<PyAny>)>),
}

const NAMES: [(&str, CompareOp); 4] = [
    ("ge", CompareOp::Ge),
    ("gt", CompareOp::Gt),
    ("le", CompareOp::Le),
    ("lt", CompareOp::Lt),
];

impl Bounds {
    /// Reads `ge`, `gt`, `le` and `lt`.
    pub fn read(kind: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut found = Vec::new();
        for (name, op) in NAMES {
            let bound = kind.getattr(name)?;
            if !bound.is_none() {
                found.push((op, bound));
            }
        }
        if found.is_empty() {
            return Ok(Self::None);
        }
        Ok(match kind.getattr("tag")?.extract::<String>()?.as_str() {
            "int" => Self::ints(&found),
            "float" => Self::floats(&found),
            _ => None,
        }
        .unwrap_or_else(|| {
            Self::Python(found.into_iter().map(|(op, b)| (op, b.unbind())).collect())
        }))
    }

    fn ints(found: &[(CompareOp, Bound<'_, PyAny>)]) -> Option<Self> {
        let (mut least, mut most) = (i64::MIN, i64::MAX);
        for (op, bound) in found {
            if !bound.is_instance_of::<PyInt>() || bound.is_instance_of::<PyBool>() {
                return None;
            }
            let number: i64 = bound.extract().ok()?;
            match op {
                CompareOp::Ge => least = least.max(number),
                CompareOp::Gt => least = least.max(number.checked_add(1)?),
                CompareOp::Le => most = most.min(number),
                _ => most = most.min(number.checked_sub(1)?),
            }
        }
        Some(Self::Int(least, most))
    }

    fn floats(found: &[(CompareOp, Bound<'_, PyAny>)]) -> Option<Self> {
        let mut all = [None; 4];
        for (op, bound) in found {
            let small = bound
                .extract::<i64>()
                .is_ok_and(|n| n.unsigned_abs() < 1 << 53);
            if !(bound.is_instance_of::<PyFloat>() || small) {
                return None;
            }
            let place = NAMES
                .iter()
                .position(|(_, known)| *known as i32 == *op as i32)?;
            all[place] = Some(bound.extract().ok()?);
        }
        Some(Self::Float(all))
    }

    /// Whether there are any.
    pub fn any(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether an integer is allowed.
    #[inline]
    pub fn allow_int(&self, py: Python<'_>, value: i64) -> PyResult<bool> {
        match self {
            Self::None => Ok(true),
            Self::Int(least, most) => Ok((*least..=*most).contains(&value)),
            _ => self.allow(&value.into_pyobject(py)?.into_any()),
        }
    }

    /// Whether a double is allowed.
    #[inline]
    pub fn allow_float(&self, py: Python<'_>, value: f64) -> PyResult<bool> {
        match self {
            Self::None => Ok(true),
            Self::Float([ge, gt, le, lt]) => Ok(ge.is_none_or(|b| value >= b)
                && gt.is_none_or(|b| value > b)
                && le.is_none_or(|b| value <= b)
                && lt.is_none_or(|b| value < b)),
            _ => self.allow(&PyFloat::new(py, value).into_any()),
        }
    }

    /// Whether a number is allowed, as Python compares it.
    pub fn allow(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Self::Python(all) = self else {
            return Ok(true);
        };
        for (op, bound) in all {
            if !value
                .rich_compare(bound.bind(value.py()), *op)?
                .is_truthy()?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
