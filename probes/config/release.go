//go:build !edition_main

package main

import (
	"path/filepath"

	"github.com/openimsdk/open-im-server/v3/pkg/common/cmd"
	"github.com/openimsdk/open-im-server/v3/pkg/common/config"
)

// tag is that of the configuration's fields.
const tag = "mapstructure"

// prefixes is the file that gives each YAML file the prefix of its environment variables.
const prefixes = "pkg/common/cmd/constant.go"

// fileName is what the service's own file is called.
func fileName() string {
	return cmd.OpenIMRPCAuthServiceCfgFileName
}

func prefix(name string) string {
	return cmd.ConfigEnvPrefixMap[name]
}

// loadFile reads a file as the server does.
func loadFile(file string, into any) error {
	return config.LoadConfig(file, prefix(filepath.Base(file)), into)
}

// share judges the names under which services register. Here each is that of its key.
func share(d *document) {
	if c, ok := load[config.Share](d); ok {
		registerNames(d, "rpcRegisterName", c.RpcRegisterName, func(key string) string { return key })
	}
}

// discovery judges where services are looked up.
func discovery(d *document) {
	if c, ok := load[config.Discovery](d); ok {
		etcd(d, c)
	}
}
