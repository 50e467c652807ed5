package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// privatePort is the port of health and metrics, which need no password: that of the
// Dockerfile's FRONTDESK_PRIVATE_ADDR.
const privatePort = 9090

// checkCompose loads a file as Compose does, with nothing set in the environment.
func checkCompose(file string, data []byte, known map[string]bool) error {
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: data}},
		Environment: types.Mapping{},
	})
	if err != nil {
		return err
	}
	var problems []error
	for _, service := range project.Services {
		for name := range service.Environment {
			if unknown(name, known) {
				problems = append(problems, fmt.Errorf("service %s: the program has no setting %s", service.Name, name))
			}
		}
		for _, port := range service.Ports {
			if port.Target == privatePort && !net.ParseIP(port.HostIP).IsLoopback() {
				problems = append(problems, fmt.Errorf("service %s: port %d must not be public: publish it at "+
					"127.0.0.1",
					service.Name, privatePort))
			}
		}
	}
	return errors.Join(problems...)
}
