// Which names can work, and what a service's name becomes in the places that it stands in.
//
// A rule answers with the sentence that says why not, or with nothing. Tests hold the lists against
// the Go that is installed and against OpenIM's own tree.
const nameRules = (() => {
  'use strict';

  // `openim-rpc-NAME` is a host's name in Kubernetes, and those have at most 63 characters.
  const LONGEST = 63 - 'openim-rpc-'.length;

  const set = (words) => new Set(words.split(/\s+/));

  // NAME_js.go is compiled for JavaScript alone, NAME_test.go for tests alone.
  const SUFFIXES = set(`test
    aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris
    wasip1 windows zos
    386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32
    mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`);

  // Keywords, names that every Go file has, folders that Go treats apart.
  const OF_GO = set(`break case chan const continue default defer else fallthrough for func go goto if
    import interface map package range return select struct switch type var
    any append bool byte cap clear close comparable complex complex64 complex128 copy delete error
    false float32 float64 imag int int8 int16 int32 int64 iota len make max min new nil panic print
    println real recover rune string true uint uint8 uint16 uint32 uint64 uintptr
    init main internal vendor testdata`);

  // Imports and files of the guide that the new package would stand beside.
  const OF_GUIDE = set('cobra config context program server startrpc');

  // Services, packages of the server and of the protocol module, types of the configuration, routes.
  const OF_OPENIM = set(`admin afterconfig allconfig api auth aws beforeconfig cacheconfig circuitbreaker
    cmdutils common constant conversation cos cron crontask discovery docs encryption errinfo etcd
    friend group incrversion jssdk kafka kodo livekit localcache log logs message messagegateway
    minio mongo msg msggateway msgtransfer multilogin notification notificationconfig object
    offlinepushconfig openmeeting oss prometheus push ratelimiter redis relation rpc rpcregistername
    rpcservice rtc sdkws share statistics third tlsconfig tools user util webhooks wrapperspb
    zookeeper`);

  // `PresenceService` and `presence_service` mean presence-service.
  const hyphenated = (typed) =>
    typed.trim().replace(/([a-z0-9])(?=[A-Z])/g, '$1-').replace(/[_\s]+/g, '-').toLowerCase();

  const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

  function forms(service) {
    const words = service.split('-');
    const type = words.map(capital).join('');
    return {
      hyphenated: service,
      joined: words.join(''),
      type,
      variable: words[0] + type.slice(words[0].length),
      file: words.join('_'),
      constant: words.join('_').toUpperCase(),
      words: capital(words.join(' ')),
    };
  }

  function service(typed) {
    const name = hyphenated(typed);
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
      return 'Letters from a to z, digits and single hyphens, a letter first: the name becomes an identifier in Go.';
    }
    if (name.length > LONGEST) {
      return `At most ${LONGEST} characters: openim-rpc-NAME is a host’s name in Kubernetes, and those end at 63.`;
    }
    const { joined, file } = forms(name);
    const suffix = file.includes('_') ? file.split('_').pop() : '';
    if (SUFFIXES.has(suffix)) {
      return `Not with ${suffix} at the end: Go would drop ${file}.go, ${
        suffix === 'test' ? 'which it takes for a test' : 'which it takes for a file of another system'
      }.`;
    }
    if (OF_GO.has(joined)) return `${joined} has a meaning in Go, and cannot name a package.`;
    if (OF_GUIDE.has(joined)) {
      return `${joined} is the name of a file or an import that would stand beside the new package.`;
    }
    if (OF_OPENIM.has(joined)) {
      return `OpenIM has a service, a package or a type called ${joined} already.`;
    }
    return '';
  }

  function host(typed) {
    const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
    return typed.length <= 253 && new RegExp(`^(${label}\\.)+${label}$`).test(typed)
      ? ''
      : 'A host’s name with a dot, in lower case and without a port: it begins a module’s path in Go.';
  }

  function organisation(typed) {
    const element = '[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?';
    return new RegExp(`^${element}(/${element}){0,4}$`).test(typed)
      ? ''
      : 'Letters, digits, hyphens, dots and underscores, a letter or digit first, groups with a slash between: it is part of a module’s path in Go.';
  }

  return { service, host, organisation, forms, hyphenated };
})();
