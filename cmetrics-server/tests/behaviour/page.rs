//! The page about the interface lists all that there is.

use crate::common::Served;

const PAGE: &str = include_str!("../../../docs/server.md");

#[tokio::test]
async fn the_page_has_each_path_parameter_and_limit() {
    let document = Served::new().get("/api/v1/openapi.json").await.json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(PAGE.contains(&format!("{path}`")), "{path}");
        for operation in methods.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().unwrap() {
                let name = parameter["name"].as_str().unwrap();
                let is_told =
                    PAGE.contains(&format!("`{name}`")) || path.contains(&format!("{{{name}}}"));
                assert!(is_told, "{name} of {path}");
            }
            let security = &operation["security"][0]["token"][0];
            if let Some(scope) = security.as_str() {
                assert!(PAGE.contains(&format!("`{scope}`")), "{scope}");
            }
        }
    }
    let limits = format!("{:?}", cmetrics_server::Limits::default());
    let fields = limits.split(['{', ',']).filter_map(|part| part.trim().split_once(": "));
    let names: Vec<_> = fields.map(|(name, _)| name).collect();
    assert!(names.len() > 10, "{names:?}");
    assert!(names.iter().all(|name| PAGE.contains(&format!("`{name}`"))), "{names:?}");
}
