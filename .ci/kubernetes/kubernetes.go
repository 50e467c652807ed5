package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// objects are the Kubernetes objects of one file.
type objects struct {
	deployments []*apps.Deployment
	services    []*core.Service
	policies    []*networking.NetworkPolicy
	budgets     []*policy.PodDisruptionBudget
	configMaps  map[string]*core.ConfigMap
	// secrets are those that a comment says how to create: files hold no tokens.
	secrets map[string]bool
}

var madeByHand = regexp.MustCompile(`(?m)^#.*\bkubectl create secret generic (\S+)`)

// decode reads a file strictly: unknown kinds, unknown fields and duplicate fields are
// errors.
func decode(data []byte) (*objects, error) {
	scheme := runtime.NewScheme()
	err := errors.Join(apps.AddToScheme(scheme), core.AddToScheme(scheme), networking.AddToScheme(scheme),
		policy.AddToScheme(scheme))
	if err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	all := &objects{configMaps: map[string]*core.ConfigMap{}, secrets: map[string]bool{}}
	for _, match := range madeByHand.FindAllSubmatch(data, -1) {
		all.secrets[string(match[1])] = true
	}
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for n := 1; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		if err := all.add(object); err != nil {
			return nil, fmt.Errorf("document %d, %s: %w", n, kind.Kind, err)
		}
	}
}

func (all *objects) add(object runtime.Object) error {
	var name string
	switch o := object.(type) {
	case *apps.Deployment:
		name = o.Name
		all.deployments = append(all.deployments, o)
	case *core.Service:
		name = o.Name
		all.services = append(all.services, o)
	case *networking.NetworkPolicy:
		name = o.Name
		all.policies = append(all.policies, o)
	case *policy.PodDisruptionBudget:
		name = o.Name
		all.budgets = append(all.budgets, o)
	case *core.ConfigMap:
		name = o.Name
		all.configMaps[name] = o
	default:
		return errors.New("there are no checks for this kind yet")
	}
	if wrong := validation.IsDNS1035Label(name); len(wrong) > 0 {
		return fmt.Errorf("the name %q: %s", name, wrong[0])
	}
	return nil
}

// check resolves the references between the objects.
func (all *objects) check(known map[string]bool) error {
	if len(all.deployments) == 0 {
		return errors.New("there is no Deployment")
	}
	var problems []error
	for _, d := range all.deployments {
		for _, problem := range all.checkDeployment(d, known) {
			problems = append(problems, fmt.Errorf("deployment %s: %w", d.Name, problem))
		}
	}
	for _, s := range all.services {
		for _, problem := range all.checkService(s) {
			problems = append(problems, fmt.Errorf("service %s: %w", s.Name, problem))
		}
	}
	for _, p := range all.policies {
		for _, problem := range all.checkPolicy(p) {
			problems = append(problems, fmt.Errorf("network policy %s: %w", p.Name, problem))
		}
	}
	for name, m := range all.configMaps {
		for key := range m.Data {
			if wrong := validation.IsConfigMapKey(key); len(wrong) > 0 {
				problems = append(problems, fmt.Errorf("config map %s: %s: %s", name, key, wrong[0]))
			}
		}
	}
	return errors.Join(problems...)
}

func (all *objects) checkDeployment(d *apps.Deployment, known map[string]bool) []error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	pod := d.Spec.Template
	selector, err := meta.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		bad("the selector: %w", err)
	} else if selector.Empty() || !selector.Matches(labels.Set(pod.Labels)) {
		bad("the selector does not match its own pods")
	}
	if !slices.ContainsFunc(all.policies, func(p *networking.NetworkPolicy) bool { return guards(p, d) }) {
		bad("no network policy restricts who may reach it")
	}
	// The decoder accepts any text for these.
	if t := d.Spec.Strategy.Type; t != apps.RecreateDeploymentStrategyType &&
		t != apps.RollingUpdateDeploymentStrategyType {
		bad("there is no strategy %q", t)
	}
	problems = append(problems, all.checkReplicas(d)...)
	if s := pod.Spec.SecurityContext; s == nil || s.SeccompProfile == nil ||
		s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		bad("the pod must have the seccomp profile %s", core.SeccompProfileTypeRuntimeDefault)
	}

	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
		switch {
		case v.ConfigMap != nil:
			if all.configMaps[v.ConfigMap.Name] == nil {
				bad("volume %s: there is no config map %s", v.Name, v.ConfigMap.Name)
			}
		case v.Secret != nil:
			if !all.secrets[v.Secret.SecretName] {
				bad("volume %s: no comment says how to create the secret %s", v.Name, v.Secret.SecretName)
			}
		case v.EmptyDir == nil:
			bad("volume %s: there are no checks for its kind yet", v.Name)
		}
	}
	for _, c := range pod.Spec.Containers {
		for _, problem := range all.checkContainer(&c, volumes, known) {
			bad("container %s: %w", c.Name, problem)
		}
	}
	return problems
}

func (all *objects) checkContainer(c *core.Container, volumes, known map[string]bool) []error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	if !slices.Contains([]core.PullPolicy{"", core.PullAlways, core.PullIfNotPresent, core.PullNever},
		c.ImagePullPolicy) {
		bad("there is no pull policy %q", c.ImagePullPolicy)
	}
	s := c.SecurityContext
	if s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
		s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
		bad("it must have a read-only root file system and no capabilities")
	}
	for name, probe := range map[string]*core.Probe{
		"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe,
	} {
		switch {
		case probe == nil || probe.HTTPGet == nil:
			bad("it has no %s probe over HTTP", name)
		case !hasPort(c, probe.HTTPGet.Port):
			bad("the %s probe: there is no port %s", name, probe.HTTPGet.Port.String())
		}
	}
	for _, m := range c.VolumeMounts {
		if !volumes[m.Name] {
			bad("%s: there is no volume %s", m.MountPath, m.Name)
		}
		if m.SubPath != "" {
			bad("%s: a subPath is never updated", m.MountPath)
		}
	}
	for _, e := range c.Env {
		if unknown(e.Name, known) {
			bad("the program has no setting %s", e.Name)
		}
		if e.ValueFrom == nil {
			continue
		}
		switch from := e.ValueFrom; {
		case from.SecretKeyRef != nil:
			if !all.secrets[from.SecretKeyRef.Name] {
				bad("%s: no comment says how to create the secret %s", e.Name, from.SecretKeyRef.Name)
			}
			if unknown(from.SecretKeyRef.Key, known) {
				bad("%s: the secret has no %s", e.Name, from.SecretKeyRef.Key)
			}
		case from.ConfigMapKeyRef != nil:
			m := all.configMaps[from.ConfigMapKeyRef.Name]
			if m == nil {
				bad("%s: there is no config map %s", e.Name, from.ConfigMapKeyRef.Name)
			} else if _, ok := m.Data[from.ConfigMapKeyRef.Key]; !ok {
				bad("%s: the config map %s has no %s", e.Name, m.Name, from.ConfigMapKeyRef.Key)
			}
		}
	}
	return problems
}

// hasPort reports whether a container declares a port, by number or name.
func hasPort(c *core.Container, port intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(p core.ContainerPort) bool {
		if port.Type == intstr.String {
			return p.Name == port.StrVal
		}
		return p.ContainerPort == port.IntVal
	})
}

func (all *objects) checkService(s *core.Service) []error {
	var problems []error
	chosen := 0
	for _, d := range all.deployments {
		if len(s.Spec.Selector) == 0 ||
			!labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(d.Spec.Template.Labels)) {
			continue
		}
		chosen++
		for _, port := range s.Spec.Ports {
			target := port.TargetPort
			if target == (intstr.IntOrString{}) {
				target = intstr.FromInt32(port.Port)
			}
			has := func(c core.Container) bool { return hasPort(&c, target) }
			if !slices.ContainsFunc(d.Spec.Template.Spec.Containers, has) {
				problems = append(problems, fmt.Errorf("deployment %s has no port %s", d.Name, target.String()))
			}
		}
	}
	if chosen == 0 {
		problems = append(problems, errors.New("it matches no pods"))
	}
	return problems
}

// layOut writes the volume of FRONTDESK_KNOWLEDGE as Kubernetes mounts it: each file is a
// link through ..data, which is a link, too.
func (all *objects) layOut(folder string) error {
	files, err := all.knowledge()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, "..1"), 0o755); err != nil {
		return err
	}
	if err := os.Symlink("..1", filepath.Join(folder, "..data")); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, "..1", name), []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// knowledge is the data of the volume of FRONTDESK_KNOWLEDGE.
func (all *objects) knowledge() (map[string]string, error) {
	for _, d := range all.deployments {
		pod := d.Spec.Template.Spec
		for _, c := range pod.Containers {
			for _, e := range c.Env {
				if e.Name != "FRONTDESK_KNOWLEDGE" {
					continue
				}
				m := slices.IndexFunc(c.VolumeMounts, func(m core.VolumeMount) bool { return m.MountPath == e.Value })
				if m < 0 {
					return nil, fmt.Errorf("nothing is mounted at FRONTDESK_KNOWLEDGE, %s", e.Value)
				}
				for _, v := range pod.Volumes {
					if v.Name == c.VolumeMounts[m].Name && v.ConfigMap != nil {
						return all.configMaps[v.ConfigMap.Name].Data, nil
					}
				}
				return nil, fmt.Errorf("the volume mounted at %s is no config map", e.Value)
			}
		}
	}
	return nil, errors.New("FRONTDESK_KNOWLEDGE is not set")
}
