package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asMain makes the test binary behave as verify-go.
const asMain = "VERIFY_GO_TEST_AS_MAIN"

// The go command must neither fetch anything nor see a workspace or flags of
// whoever runs the tests.
func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		os.Exit(0)
	}
	for _, setting := range []string{"CGO_ENABLED=0", "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK="} {
		name, value, _ := strings.Cut(setting, "=")
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// Without an answer the status is 2, standard output is empty and standard
// error holds one plain sentence that names what is wrong.
func TestNoAnswer(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct{ in, path, want string }{
		"no JSON":        {in: "nonsense", want: "not the expected JSON object"},
		"unknown field":  {in: `{"dir": "/", "overlays": {}}`, want: `"overlays"`},
		"two objects":    {in: `{"dir": "/"} {}`, want: "goes on after the request"},
		"relative dir":   {in: `{"dir": "x"}`, want: `dir "x" is not an absolute path`},
		"missing dir":    {in: `{"dir": "` + dir + `/none"}`, want: "dir cannot be used"},
		"no roots":       {in: `{"dir": "` + dir + `"}`, want: "roots is empty"},
		"touched file":   {in: `{"dir": "` + dir + `", "roots": ["."], "touched": ["a.go"]}`, want: `the touched file "a.go"`},
		"overlay file":   {in: `{"dir": "` + dir + `", "roots": ["."], "overlay": {"a.go": ""}}`, want: `the overlay file "a.go"`},
		"no go command":  {in: `{"dir": "` + dir + `", "roots": ["."]}`, path: dir, want: "no go command in PATH"},
		"no such module": {in: `{"dir": "` + dir + `", "roots": ["example.org/none"]}`, want: "match no package"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), asMain+"=1")
			if test.path != "" {
				cmd.Env = append(cmd.Env, "PATH="+test.path)
			}
			cmd.Stdin = strings.NewReader(test.in)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Errorf("the status should be 2: %v", err)
			}
			if !strings.HasPrefix(stderr.String(), "verify-go: ") || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("standard error should say %q: %s", test.want, stderr.String())
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output should be empty: %s", stdout.String())
			}
		})
	}
}
