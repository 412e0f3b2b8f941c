//! What a container is called, and which document it is read from.

use super::*;

// Names

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn name_of(path: &str) -> String {
    let mut map = json!({});
    map[path] = json!([at("00:03", json!({}))]);
    names(&points_of(&[dump(map)], &FIVE_SECONDS))[0].to_owned()
}

fn name_with_id(id: &str, path: &str) -> String {
    let document = json!({ "id": id, "name": path, "stats": [at("00:03", json!({}))] });
    names(&points_of(&[dump(document)], &FIVE_SECONDS))[0].to_owned()
}

#[test]
fn the_id_of_the_dump_is_the_name_of_the_cgroup_that_ends_in_it() {
    for path in ["/docker/web-1", "/x/docker-web-1.scope", "/a.slice:docker:web-1", "/x/a-b-web-1"]
    {
        assert_eq!(name_with_id("web-1", path), "web-1", "{path}");
    }
    let others =
        ["/docker/web-2", "/docker/web-1/", "/docker/myweb-1", "/docker", "/x/web-1.service"];
    for path in others {
        assert_eq!(name_with_id("web-1", path), path);
    }
    // What the path tells is an id too.
    assert_eq!(name_with_id("web-1", &format!("/docker/{ID}")), ID);
}

#[test]
fn one_id_that_is_given_to_several_cgroups_names_the_containers_own_alone() {
    assert_eq!(name_with_id(ID, &format!("/machine.slice/libpod-{ID}.scope")), ID);
    let others = [
        "/machine.slice/libpod-ID.scope/",
        "/machine.slice/libpod-ID.scope/container",
        "/machine.slice/libpod-conmon-ID.scope",
        "/system.slice/var-lib-docker-containers-ID-shm.mount",
        "/docker/ID/docker/ID",
    ];
    for path in others {
        let path = path.replace("ID", ID);
        assert_eq!(name_with_id(ID, &path), path);
    }
}

#[test]
fn an_id_in_the_last_component_of_the_path_is_the_name() {
    let paths = [
        "/docker/ID",
        "/system.slice/docker-ID.scope",
        "/x/cri-containerd-ID.scope",
        "/x/crio-ID",
        "/machine.slice/libpod-ID.scope",
        "/system.slice:docker:ID",
        "/kubepods/pod1.slice:cri-containerd:ID",
    ];
    for path in paths {
        assert_eq!(name_of(&path.replace("ID", ID)), ID, "{path}");
    }
}

#[test]
fn what_is_not_exactly_an_id_keeps_its_path() {
    let short = &ID[1..];
    let paths = [
        "/".to_owned(),
        "/docker".to_owned(),
        "/system.slice/ssh.service".to_owned(),
        format!("/docker/{short}"),
        format!("/docker/a{ID}"),
        format!("/docker/{}", ID.to_uppercase()),
        format!("/docker/{ID}.service"),
        format!("/docker/{ID}/"),
    ];
    for path in paths {
        assert_eq!(name_of(&path), path);
    }
}

#[test]
fn a_conmon_scope_keeps_its_path() {
    for path in ["/machine.slice/libpod-conmon-ID.scope", "/x/crio-conmon-ID.scope"] {
        let path = path.replace("ID", ID);
        assert_eq!(name_of(&path), path);
    }
}

#[test]
fn anything_below_a_container_keeps_its_path() {
    for path in ["/docker/ID/init.scope", "/docker/ID/docker/ID", "/x/libpod-ID.scope/container"] {
        let path = path.replace("ID", ID);
        assert_eq!(name_of(&path), path);
    }
}

#[test]
fn a_machine_is_named_before_a_path_but_not_before_an_id() {
    let on = |machine: Option<&str>| Dump {
        machine: machine.map(str::to_owned),
        document: json!({ "/": [at("00:03", json!({}))],
            (format!("/docker/{ID}")): [at("00:03", json!({}))] }),
    };
    let points = points_of(&[on(Some("node7"))], &FIVE_SECONDS);
    assert_eq!(names(&points), [ID, "node7:/"]);
    let points = points_of(&[on(None), on(Some("b")), on(Some("a"))], &FIVE_SECONDS);
    assert_eq!(names(&points), ["/", ID, "a:/", "b:/"]);
}

// Documents

#[test]
fn each_kind_of_document_is_told_by_its_content() {
    let stats =
        json!([at("00:03", json!({ "cpu": cpu(100) })), at("00:04", json!({ "cpu": cpu(180) }))]);
    let container = json!({ "name": "/", "spec": {}, "stats": stats });
    let kinds = [
        container.clone(),
        json!([container]),
        json!({ "/": container }),
        json!({ "/": stats }),
        json!({ "/": { "spec": {}, "stats": stats } }),
        stats.clone(),
        json!([{ "/": stats }, container]),
        json!([stats, stats]),
        json!([{ "/": { "spec": {}, "stats": stats } }, [container]]),
    ];
    for kind in kinds {
        let points = points_of(&[dump(kind.clone())], &FIVE_SECONDS);
        assert_eq!(names(&points), ["/"], "{kind}");
        assert_eq!(measured(&points, CPU), [(0, 80.0)], "{kind}");
    }
}

#[test]
fn absent_or_null_stats_are_a_container_without_samples() {
    let documents = [
        json!({ "name": "/c", "spec": {} }),
        json!({ "name": "/c", "spec": {}, "stats": null }),
        json!({ "/c": null }),
        json!({ "/c": { "spec": {}, "stats": null } }),
        json!({}),
    ];
    for document in documents {
        assert!(points_of(&[dump(document)], &FIVE_SECONDS).is_empty());
    }
}
