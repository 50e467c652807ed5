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

// withPostgres is the profile with a PostgreSQL server.
const withPostgres = "postgres"

// checkCompose loads a file as Compose does, with nothing set in the environment, and with the
// profile and the password for PostgreSQL.
func checkCompose(file string, data []byte, known map[string]bool) error {
	alone, err := load(file, data, types.Mapping{})
	if err != nil {
		return err
	}
	const password = "hunter2"
	both, err := load(file, data, types.Mapping{"POSTGRES_PASSWORD": password}, withPostgres)
	if err != nil {
		return err
	}
	problems := []error{checkStore(alone, "")}
	problems = append(problems, checkStore(both, "postgres://frontdesk:"+password+"@"+withPostgres+"/frontdesk"))
	for _, service := range both.Services {
		if service.Name == withPostgres && len(service.Ports) > 0 {
			problems = append(problems, errors.New("the database must not have ports: services reach it without"))
		}
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

func load(file string, data []byte, environment types.Mapping, profiles ...string) (*types.Project, error) {
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: data}},
		Environment: environment,
	}, loader.WithProfiles(profiles))
}

// checkStore checks where the store is, and that its server is there.
func checkStore(project *types.Project, want string) error {
	got := ""
	if address := project.Services["frontdesk"].Environment["FRONTDESK_STORE"]; address != nil {
		got = *address
	}
	if got != want {
		return fmt.Errorf("FRONTDESK_STORE is %q, not %q", got, want)
	}
	server, ok := project.Services[withPostgres]
	if ok != (want != "") {
		return fmt.Errorf("the service %s must have the profile %s", withPostgres, withPostgres)
	}
	if ok && (server.HealthCheck == nil || server.Environment["POSTGRES_USER"] == nil ||
		*server.Environment["POSTGRES_USER"] != "frontdesk") {
		return fmt.Errorf("the service %s needs a health check and the user frontdesk", withPostgres)
	}
	return nil
}
