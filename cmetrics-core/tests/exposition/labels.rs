//! Labels of containers, which cAdvisor writes as `container_label_…`.

use cmetrics_core::parse::{DocumentKind, Receiver, Wanted};
use cmetrics_core::{Container, Error, Input, Pipeline, Sample, Settings, Timestamp};

use crate::told::{listen, only, parser};

const ROW: &str = "container_memory_rss{container_label_com_docker_compose_service=\"we\\\"b\",\
    container_label_empty=\"\",container_label_io_kubernetes_container_name=\"nginx\",\
    container_label_io_kubernetes_pod_name=\"web-0\",\
    container_label_io_kubernetes_pod_namespace=\"shop\",\
    container_label_io_kubernetes_pod_uid=\"u1\",container_env_path=\"x\",id=\"/a\",zone=\"z\"} \
    4096 1600000000000\n";

fn keys(container: &Container) -> Vec<&str> {
    container.labels.iter().map(|(key, _)| &**key).collect()
}

#[test]
fn labels_that_have_a_value_are_told_by_the_keys_that_the_text_has() {
    let told = only(ROW);
    let expected = [
        "com_docker_compose_service",
        "io_kubernetes_container_name",
        "io_kubernetes_pod_name",
        "io_kubernetes_pod_namespace",
        "io_kubernetes_pod_uid",
    ];
    assert_eq!(keys(&told.container), expected);
    assert_eq!(told.container.labels[0].1, "we\"b");
}

#[test]
fn the_labels_of_the_kubelet_tell_the_pod() {
    let pod = only(ROW).container.kubernetes.unwrap();
    assert_eq!((pod.to_string().as_str(), pod.uid.as_deref()), ("shop/web-0/nginx", Some("u1")));
}

/// Wants labels, or not, and notes those of the last container.
struct Wants(bool, usize);

impl Receiver for Wants {
    fn container(&mut self, container: &Container, _: DocumentKind) {
        self.1 = container.labels.len();
    }

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, _: &Sample, _: &[u8]) {}

    fn wants_labels(&self) -> bool {
        self.0
    }

    fn error(&mut self, error: Error) {
        panic!("{error}");
    }
}

#[test]
fn labels_are_read_for_those_who_want_them_whoever_read_the_rows_before() {
    let mut parser = parser();
    for wants in [false, true, true, false, true] {
        let mut receiver = Wants(wants, 99);
        parser.read_bytes(ROW.as_bytes(), &mut receiver);
        assert_eq!(receiver.1, if wants { 5 } else { 0 });
    }
}

#[test]
fn a_label_that_another_row_has_in_addition_counts_too() {
    let row = |labels: &str, name: &str| format!("{name}{{{labels}id=\"/a\"}} 1 1600000000000\n");
    let text = row("", "container_memory_rss")
        + &row("container_label_app=\"web\",", "container_memory_cache");
    let listener = listen(&mut parser(), text.as_bytes());
    let told = listener.all.into_values().next().unwrap();
    assert_eq!(told.container.labels, [("app".to_owned(), "web".to_owned())]);
}

#[test]
fn identities_have_them_where_they_were_asked_for() {
    let labels = |settings| {
        let mut pipeline = Pipeline::new(settings);
        pipeline.read(Input::bytes("scrape", ROW)).into_result().unwrap();
        let series = pipeline.series().next().unwrap();
        series.identity().labels().len()
    };
    assert_eq!((labels(Settings::default()), labels(Settings::default().with_labels())), (0, 5));
}
