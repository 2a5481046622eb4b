use super::*;

fn metrics() -> Metrics {
    Metrics::new(DateTime::UNIX_EPOCH)
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let metrics = metrics();
    for _ in 0..2 {
        let took = Duration::from_millis(3);
        metrics.answered(&Method::GET, "/api/v2/users/{user}", 200, took);
    }
    let text = metrics.render().unwrap();
    let line = "chancery_http_requests_total{method=\"GET\",route=\"/api/v2/users/{user}\",status=\"200\"} 2";
    assert!(text.contains(line), "{text}");
}

#[test]
fn methods_that_clients_make_up_are_counted_as_one() {
    let metrics = metrics();
    for method in ["BREW", "PROPFIND"] {
        let method = method.parse().unwrap();
        metrics.answered(&method, "", 405, Duration::ZERO);
    }
    let text = metrics.render().unwrap();
    assert!(
        text.contains("{method=\"other\",route=\"\",status=\"405\"} 2"),
        "{text}"
    );
}

#[test]
fn refusals_as_too_many_are_counted_by_class_from_zero_on() {
    let metrics = metrics();
    metrics.limited(Some(Class::Token));
    metrics.limited(None);
    let text = metrics.render().unwrap();
    for line in [
        "chancery_rate_limited_total{class=\"token\"} 1",
        "chancery_rate_limited_total{class=\"other\"} 1",
        "chancery_rate_limited_total{class=\"login\"} 0",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_projection_stands_where_it_was_seen() {
    let metrics = metrics();
    metrics.standing().projection(
        "user",
        &ProjectionStanding {
            position: 7,
            lag_seconds: 1.5,
            rebuild: Some(3),
            is_stopped: true,
        },
    );
    let text = metrics.render().unwrap();
    for line in [
        "chancery_projection_failed{projection=\"user\"} 1",
        "chancery_projection_position{projection=\"user\"} 7",
        "chancery_projection_lag_seconds{projection=\"user\"} 1.5",
        "chancery_projection_rebuilding{projection=\"user\"} 1",
        "chancery_projection_rebuild_position{projection=\"user\"} 3",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn the_program_and_its_process_are_described() {
    let text = metrics().render().unwrap();
    let build = concat!(
        "chancery_build_info{version=\"",
        env!("CARGO_PKG_VERSION"),
        "\"} 1"
    );
    assert!(text.contains(build), "{text}");
    assert!(text.contains("process_start_time_seconds 0"), "{text}");
    if cfg!(target_os = "linux") {
        for name in [
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_cpu_seconds_total",
        ] {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
            assert!(
                value.is_some_and(|value| value > 0.0 || name.contains("cpu")),
                "{name}: {text}"
            );
        }
    }
}
