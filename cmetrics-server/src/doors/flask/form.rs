//! The parameters of the old service: in the query, or in a form of either kind.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;

use crate::body;
use crate::problem::Problem;
use crate::query::pairs;

/// The parameters of a request. Those of its body count before those of its query; names that are
/// not known are passed over, as they always were.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) async fn read(request: Request, most_bytes: usize) -> Result<Self, Problem> {
        let in_query = pairs(request.uri().query().unwrap_or_default())?;
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let body = body::read(request.into_body(), most_bytes).await?;
        let mut all = match kind.split(';').next().unwrap_or_default().trim() {
            "multipart/form-data" => parts(&kind, &body)?,
            "application/x-www-form-urlencoded" => {
                let text = std::str::from_utf8(&body);
                pairs(text.map_err(|_| Problem::bad("the form is not UTF-8"))?)?
            }
            _ => Vec::new(),
        };
        all.extend(in_query);
        Ok(Self(all))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

/// The fields of a form in parts (RFC 7578). Files are passed over.
fn parts(kind: &str, body: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    let wrong = || Problem::bad("the form in parts cannot be read");
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty());
    let between = format!("--{}", boundary.ok_or_else(wrong)?);
    let text = std::str::from_utf8(body).map_err(|_| wrong())?;
    let mut fields = Vec::new();
    for part in text.split(&*between).skip(1).take_while(|part| !part.starts_with("--")) {
        let (head, value) = part.split_once("\r\n\r\n").ok_or_else(wrong)?;
        let value = value.strip_suffix("\r\n").ok_or_else(wrong)?;
        let mut words = head.split(['\r', '\n', ';']).map(str::trim);
        let name = words.clone().find_map(|word| word.strip_prefix("name=\"")?.strip_suffix('"'));
        let is_file = words.any(|word| word.starts_with("filename"));
        if let Some(name) = name.filter(|_| !is_file) {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_in_parts_has_its_fields_and_not_its_files() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"machineip\"\r\n\r\n10.0.0.7\r\n\
            --x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"g\"\r\n\r\nh\r\n--x--\r\n";
        let fields = parts("multipart/form-data; boundary=x", body.as_bytes()).unwrap();
        assert_eq!(fields, [("machineip".to_owned(), "10.0.0.7".to_owned())]);
        for kind in ["multipart/form-data", "multipart/form-data; boundary="] {
            assert!(parts(kind, body.as_bytes()).is_err());
        }
        assert!(parts("a; boundary=x", b"--x\r\nno end").is_err());
    }
}
