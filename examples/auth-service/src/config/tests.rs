//! Each test writes the files of a folder and looks at what is made of them.

use std::collections::HashMap;

use super::*;

/// The files as OpenIM has them, but for what a test changes.
struct Folder {
    files: HashMap<&'static str, String>,
    variables: HashMap<&'static str, &'static str>,
}

impl Folder {
    fn new() -> Self {
        let own = "rpc:\n  registerIP:\n  listenIP: 0.0.0.0\n  autoSetPorts: false\n  ports: [ 10340, 10341 ]\n\nprometheus:\n  enable: true\n  ports: [ 12340, 12341 ]\n";
        let discovery = "enable: etcd\netcd:\n  rootDirectory: openim\n  address: [ localhost:12379 ]\n  username: ''\n  password: ''\n\nrpcService:\n  user: user-rpc-service\n  authService: auth-service-rpc-service\n";
        let log = "storageLocation: ../logs/\nrotationTime: 24\nremainRotationCount: 2\nremainLogLevel: 6\nisStdout: false\nisJson: true\nisSimplify: true\n";
        let share = "secret: openIM123\n";
        let files = [
            (OWN, own),
            (DISCOVERY, discovery),
            (SHARE, share),
            (LOG, log),
        ];
        Self {
            files: files.map(|(name, text)| (name, text.to_owned())).into(),
            variables: HashMap::new(),
        }
    }

    fn file(mut self, name: &'static str, text: &str) -> Self {
        self.files.insert(name, text.to_owned());
        self
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.insert(name, value);
        self
    }

    fn load(&self, index: usize) -> Result<Config, String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in &self.files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        let environment = |name: &str| self.variables.get(name).map(|value| (*value).to_owned());
        Config::load(folder.path(), index, &environment).map_err(|problems| {
            let folder = format!("{}/", folder.path().display());
            problems.to_string().replace(&folder, "")
        })
    }

    fn problems(&self) -> String {
        self.load(0).expect_err("something is wrong")
    }
}

#[test]
fn files_as_openim_has_them() -> Result<(), String> {
    let config = Folder::new().load(1)?;
    let expected = Config {
        name: "auth-service-rpc-service".to_owned(),
        index: 1,
        listen_ip: IpAddr::from([0, 0, 0, 0]),
        port: Port::Fixed(10341),
        register_ip: None,
        metrics_port: Some(Port::Fixed(12341)),
        message_limit: None,
        discovery: Discovery::Etcd(Etcd {
            root: "openim".to_owned(),
            addresses: vec!["localhost:12379".to_owned()],
            credentials: None,
        }),
        log: Log {
            folder: Some(PathBuf::from("../logs/")),
            rotation_hours: 24,
            kept_files: 2,
            level: 6,
            stdout: false,
            json: true,
        },
    };
    assert_eq!(config, expected);
    Ok(())
}

#[test]
fn the_release_line_has_the_name_in_share() -> Result<(), String> {
    let config = Folder::new()
        .file(
            DISCOVERY,
            "enable: etcd\netcd:\n  rootDirectory: openim\n  address: [ a:1 ]\n",
        )
        .file(SHARE, "rpcRegisterName:\n  authService: authService\n")
        .load(0)?;
    assert_eq!(config.name, "authService");
    // Where both files have one, it is main's.
    let config = Folder::new()
        .file(SHARE, "rpcRegisterName:\n  authService: authService\n")
        .load(0)?;
    assert_eq!(config.name, "auth-service-rpc-service");
    Ok(())
}

#[test]
fn share_says_how_long_a_message_may_be() -> Result<(), String> {
    let with = |size: &str| {
        let text = format!("rpcMaxBodySize:\n  requestMaxBodySize: {size}\n");
        Folder::new().file(SHARE, &text)
    };
    assert_eq!(with("8388608").load(0)?.message_limit, Some(8_388_608));
    assert_eq!(with("0").load(0)?.message_limit, None);
    assert_eq!(
        with("8m").problems(),
        "share.yml:2:23: rpcMaxBodySize.requestMaxBodySize has to be a whole number, and is 8m"
    );
    let by_variable = Folder::new().variable("IMENV_SHARE_RPCMAXBODYSIZE_REQUESTMAXBODYSIZE", "7");
    assert_eq!(by_variable.load(0)?.message_limit, Some(7));
    Ok(())
}

#[test]
fn keys_are_found_without_regard_to_case() -> Result<(), String> {
    let own = "RPC:\n  AUTOSETPORTS: true\n  RegisterIp: 10.0.0.7\n";
    let config = Folder::new().file(OWN, own).load(0)?;
    assert_eq!(config.port, Port::Free);
    assert_eq!(config.register_ip, "10.0.0.7".parse().ok());
    assert_eq!(config.metrics_port, None);
    Ok(())
}

#[test]
fn a_blank_address_to_listen_at_is_all() -> Result<(), String> {
    for own in [
        "rpc:\n  listenIP:\n  ports: [ 1 ]\n",
        "rpc:\n  ports: [ 1 ]\n",
    ] {
        let config = Folder::new().file(OWN, own).load(0)?;
        assert_eq!(config.listen_ip, IpAddr::from([0, 0, 0, 0]));
    }
    Ok(())
}

#[test]
fn the_environment_wins() -> Result<(), String> {
    let config = Folder::new()
        .variable("IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_PORTS", "20000, 20001")
        .variable("IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_LISTENIP", "127.0.0.5")
        .variable("IMENV_OPENIM_RPC_AUTH_SERVICE_PROMETHEUS_ENABLE", "false")
        .variable("IMENV_DISCOVERY_ETCD_ADDRESS", "one:1,two:2")
        .variable("IMENV_DISCOVERY_ETCD_USERNAME", "root")
        .variable("IMENV_DISCOVERY_ETCD_PASSWORD", "secret")
        .variable("IMENV_LOG_REMAINLOGLEVEL", "3")
        // An empty one and one without the prefix say nothing.
        .variable("IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_REGISTERIP", "")
        .variable("RPC_LISTENIP", "127.0.0.6")
        .load(1)?;
    assert_eq!(config.port, Port::Fixed(20001));
    assert_eq!(config.listen_ip, IpAddr::from([127, 0, 0, 5]));
    assert_eq!(config.metrics_port, None);
    assert_eq!(config.log.level, 3);
    assert_eq!(config.register_ip, None);
    let Discovery::Etcd(etcd) = config.discovery else {
        panic!("not etcd");
    };
    assert_eq!(etcd.addresses, ["one:1", "two:2"]);
    let credentials = etcd.credentials.ok_or("no credentials")?;
    assert!(!format!("{credentials:?}").contains("secret"));
    Ok(())
}

#[test]
fn a_wrong_variable_is_named() {
    let folder = Folder::new()
        .variable("IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_PORTS", "x")
        .variable("IMENV_OPENIM_RPC_AUTH_SERVICE_PROMETHEUS_ENABLE", "yes");
    assert_eq!(
        folder.problems(),
        "IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_PORTS: rpc.ports has to hold ports, numbers from 1 to 65535, and holds x\n\
         IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_PORTS: instance 0 (-i 0) needs entry 0, counted from 0, of rpc.ports, which has 0 entries; add a port, or set rpc.autoSetPorts to true\n\
         IMENV_OPENIM_RPC_AUTH_SERVICE_PROMETHEUS_ENABLE: prometheus.enable has to be true or false, and is yes"
    );
}

#[test]
fn wrong_types_are_refused_with_their_place() {
    let own = "rpc:\n  listenIP: localhost\n  autoSetPorts: 'true'\n  ports: 10340\n  registerIP: 0.0.0.0\nprometheus: on\n";
    let problems = Folder::new().file(OWN, own).problems();
    assert_eq!(
        problems,
        "openim-rpc-auth-service.yml:2:13: rpc.listenIP has to be an IP address such as 0.0.0.0, and is \"localhost\"\n\
         openim-rpc-auth-service.yml:5:15: rpc.registerIP has to be an address that others can call, such as 10.0.0.7, and is \"0.0.0.0\"\n\
         openim-rpc-auth-service.yml:3:17: rpc.autoSetPorts has to be true or false, and is the text \"true\"\n\
         openim-rpc-auth-service.yml:4:10: rpc.ports has to be a list of ports such as [ 10340 ], and is 10340\n\
         openim-rpc-auth-service.yml:4:3: instance 0 (-i 0) needs entry 0, counted from 0, of rpc.ports, which has 0 entries; add a port, or set rpc.autoSetPorts to true\n\
         openim-rpc-auth-service.yml:6:13: prometheus has to be keys with values, and is on"
    );
}

#[test]
fn wrong_types_are_refused_where_nobody_needs_the_value_too() {
    let own = "rpc:\n  ports: [ 1 ]\nprometheus:\n  enable: false\n  ports: abc\nrateLimiter:\n  enable: false\n  window: [ 1 ]\n  bucket: x\n  cpuThreshold: 8.5\ncircuitBreaker:\n  enable: 2\n  window: {}\n  bucket: '100'\n  success: most\n  request: -1\n";
    assert_eq!(
        Folder::new().file(OWN, own).problems(),
        "openim-rpc-auth-service.yml:5:10: prometheus.ports has to be a list of ports such as [ 10340 ], and is abc\n\
         openim-rpc-auth-service.yml:8:11: rateLimiter.window has to be a text, and is a list\n\
         openim-rpc-auth-service.yml:9:11: rateLimiter.bucket has to be a whole number, and is x\n\
         openim-rpc-auth-service.yml:12:11: circuitBreaker.enable has to be true or false, and is 2\n\
         openim-rpc-auth-service.yml:13:11: circuitBreaker.window has to be a text, and is keys with values\n\
         openim-rpc-auth-service.yml:14:11: circuitBreaker.bucket has to be a whole number, and is the text \"100\"\n\
         openim-rpc-auth-service.yml:10:17: rateLimiter.cpuThreshold has to be a whole number, and is 8.5\n\
         openim-rpc-auth-service.yml:15:12: circuitBreaker.success has to be a number, and is most\n\
         openim-rpc-auth-service.yml:16:12: circuitBreaker.request has to be a whole number, and is -1"
    );
}

#[test]
fn true_and_false_are_written_as_go_reads_them() -> Result<(), String> {
    const VARIABLE: &str = "IMENV_OPENIM_RPC_AUTH_SERVICE_PROMETHEUS_ENABLE";
    let enabled = ["1", "t", "T", "true", "TRUE", "True"];
    let disabled = ["0", "f", "F", "false", "FALSE", "False"];
    let meant = |text| enabled.contains(&text);
    for text in enabled.into_iter().chain(disabled) {
        let by_variable = Folder::new().variable(VARIABLE, text).load(0)?;
        assert_eq!(by_variable.metrics_port.is_some(), meant(text), "{text}");
        let own = format!("rpc:\n  ports: [ 1 ]\nprometheus:\n  enable: {text}\n  ports: [ 2 ]\n");
        let by_file = Folder::new().file(OWN, &own).load(0)?;
        assert_eq!(by_file.metrics_port.is_some(), meant(text), "{text}");
    }
    for text in ["tRUE", "2", "no", "off"] {
        let problems = Folder::new().variable(VARIABLE, text).problems();
        let end = format!("prometheus.enable has to be true or false, and is {text}");
        assert!(problems.ends_with(&end), "{problems}");
    }
    Ok(())
}

#[test]
fn unknown_keys_of_the_own_file_are_refused_with_a_suggestion() {
    let own =
        "rpc:\n  autoSetPort: true\n  ports: [ 1 ]\nprometheus:\n  enable: false\nmine:\n  a: 1\n";
    assert_eq!(
        Folder::new().file(OWN, own).problems(),
        "openim-rpc-auth-service.yml:2:3: rpc.autoSetPort is not a key of this file; did you mean rpc.autoSetPorts?\n\
         openim-rpc-auth-service.yml:6:1: mine is not a key of this file"
    );
}

#[test]
fn the_keys_of_mains_file_are_known_and_not_obeyed_in_silence() {
    let with = |limiter: bool, breaker: bool| {
        let own = format!(
            "rpc:\n  ports: [ 1 ]\nrateLimiter:\n  enable: {limiter}\n  window: 20s\n  bucket: 500\n  cpuThreshold: 850\ncircuitBreaker:\n  enable: {breaker}\n  window: 5s\n  bucket: 100\n  success: 0.6\n  request: 500\n"
        );
        Folder::new().file(OWN, &own)
    };
    assert!(with(false, false).load(0).is_ok());
    let limiter =
        "openim-rpc-auth-service.yml:4:3: this service has no rateLimiter; set enable to false";
    let breaker =
        "openim-rpc-auth-service.yml:9:3: this service has no circuitBreaker; set enable to false";
    assert_eq!(with(true, false).problems(), limiter);
    assert_eq!(with(false, true).problems(), breaker);
    assert_eq!(with(true, true).problems(), format!("{limiter}\n{breaker}"));
}

#[test]
fn an_instance_needs_its_ports() {
    assert_eq!(
        Folder::new().load(2).expect_err("two ports are there"),
        "openim-rpc-auth-service.yml:5:3: instance 2 (-i 2) needs entry 2, counted from 0, of rpc.ports, which has 2 entries; add a port, or set rpc.autoSetPorts to true\n\
         openim-rpc-auth-service.yml:9:3: instance 2 (-i 2) needs entry 2, counted from 0, of prometheus.ports, which has 2 entries; add a port, or set rpc.autoSetPorts to true"
    );
}

#[test]
fn what_is_no_yaml_is_refused_with_its_place() {
    for (text, place) in [
        ("rpc: [\n", "1:6: unclosed bracket"),
        ("rpc: {}\nRPC: {}\n", "2:1: RPC was there before"),
        ("a: &x 1\nb: *x\n", "2:4: references to other values"),
        ("a: {<<: {b: 1}}\n", "1:5: keys of other values"),
        ("[1]: 2\n", "1:1: a key has to be a word"),
        ("a: 1\n---\nb: 1\n", "3:1: a second document begins here"),
        (
            "- 1\n",
            "1:1: the file has to be keys with values, and is a list",
        ),
    ] {
        let problems = Folder::new().file(OWN, text).problems();
        let start = format!("openim-rpc-auth-service.yml:{place}");
        assert!(problems.contains(&start), "{problems}");
    }
}

#[test]
fn a_file_may_not_be_nested_without_end() {
    // Deeper than the stack of a parser that has no limit.
    let deep = format!("rpc: {}", "[".repeat(200_000));
    let problems = Folder::new().file(OWN, &deep).problems();
    assert_eq!(
        problems,
        "openim-rpc-auth-service.yml:1:261: recursion limit exceeded"
    );
}

#[test]
fn missing_files_are_all_named() {
    let mut folder = Folder::new();
    folder.files.clear();
    assert_eq!(
        folder.problems(),
        "openim-rpc-auth-service.yml: there is no such file\n\
         discovery.yml: there is no such file\n\
         share.yml: there is no such file\n\
         log.yml: there is no such file"
    );
}

#[test]
fn share_has_to_be_there_without_the_name_too() {
    let mut folder = Folder::new();
    folder.files.remove(SHARE);
    assert_eq!(folder.problems(), "share.yml: there is no such file");
}

#[test]
fn other_discoveries() -> Result<(), String> {
    let with = |enable: &str| {
        let text = format!("{enable}\nrpcService:\n  authService: name\n");
        Folder::new().file(DISCOVERY, &text)
    };
    let config = with("enable: kubernetes").load(0)?;
    assert_eq!(config.discovery, Discovery::Kubernetes);
    assert_eq!(
        with("enable: standalone").problems(),
        "discovery.yml:1:1: discovery by standalone is not known here; write etcd or kubernetes"
    );
    assert_eq!(
        with("").problems(),
        "discovery.yml:2:1: it is not said who tells others where the service is; write etcd or kubernetes"
    );
    assert_eq!(
        with("enable: etcd").problems(),
        "discovery.yml: there is no address of etcd; write [ localhost:12379 ]\n\
         discovery.yml: it is not said below which name OpenIM's keys are; write openim"
    );
    Ok(())
}

#[test]
fn etcd_over_tls_is_refused() {
    let with = |address: &str| {
        let text = format!(
            "enable: etcd\netcd:\n  rootDirectory: openim\n  address: [ one:1, {address} ]\nrpcService:\n  authService: name\n"
        );
        Folder::new().file(DISCOVERY, &text)
    };
    assert!(with("http://two:2").load(0).is_ok());
    for address in ["https://two:2", "unix:///two"] {
        assert_eq!(
            with(address).problems(),
            format!(
                "discovery.yml:4:3: this service speaks to etcd without TLS and over TCP; write host:port instead of {address}"
            )
        );
    }
}

#[test]
fn a_service_without_a_name_is_told_where_it_stands() {
    let problems = Folder::new()
        .file(DISCOVERY, "enable: kubernetes\n")
        .file(SHARE, "secret: x\n")
        .problems();
    assert!(
        problems.starts_with("discovery.yml: the service has no name"),
        "{problems}"
    );
}

#[test]
fn problems_pass_as_any_other_error() {
    let problems = Config::load(Path::new("/nowhere"), 0, &|_| None).expect_err("no files");
    let error: Box<dyn std::error::Error + Send + Sync> = problems.into();
    assert!(error.to_string().contains("there is no such file"));
}
