package main

import "testing"

func TestParsePosition(t *testing.T) {
	tests := map[string]string{
		"/x/a.go:3:7": "/x/a.go:3:7: ",
		"a/b.go:3:7":  "/dir/a/b.go:3:7: ",
		"../b.go:3":   "/b.go:3:1: ",
		"-":           "",
		"":            "",
	}
	for text, want := range tests {
		if got := parsePosition("/dir", text).String(); got != want {
			t.Errorf("parsePosition(%q) is %q and should be %q", text, got, want)
		}
	}
}

func TestPlaceInText(t *testing.T) {
	tests := map[string]string{
		"go: errors parsing go.mod:\ngo.mod:5: unknown directive: x":   "/dir/go.mod:5:1: ",
		"go: /x/go.work:3:4: unknown block":                            "/x/go.work:3:4: ",
		"pattern a.go: stat a.go: no such file":                        "",
		"found packages a (a.go) and b (b.go) in /x; see example.org:": "",
	}
	for text, want := range tests {
		if got := placeInText("/dir", text).String(); got != want {
			t.Errorf("placeInText(%q) is %q and should be %q", text, got, want)
		}
	}
}

func TestPlatformSuffix(t *testing.T) {
	tests := map[string]string{
		"a_windows.go":            "_windows",
		"a_windows_amd64.go":      "_windows_amd64",
		"a_b_arm64.go":            "_arm64",
		"a_plan9_arm_test.go":     "_plan9_arm",
		"windows_linux_darwin.go": "_darwin",
	}
	for name, want := range tests {
		if got := platformSuffix(name); got != want {
			t.Errorf("platformSuffix(%q) is %q and should be %q", name, got, want)
		}
	}
}
