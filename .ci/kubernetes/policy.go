package main

import (
	"errors"
	"fmt"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// checkPolicy checks that a network policy matches pods of a Deployment, restricts both
// directions, has no rule for everybody or every port, and opens each port to somebody.
func (all *objects) checkPolicy(p *networking.NetworkPolicy) []error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	for _, kind := range []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress} {
		if !slices.Contains(p.Spec.PolicyTypes, kind) {
			bad("it must have the type %s", kind)
		}
	}
	if len(p.Spec.PolicyTypes) > 2 {
		bad("it has other types than Ingress and Egress: %v", p.Spec.PolicyTypes)
	}
	var open []intstr.IntOrString
	for _, rule := range p.Spec.Ingress {
		problems = append(problems, checkRule("ingress", rule.From, rule.Ports)...)
		if len(rule.From) == 0 {
			bad("ingress: a rule allows everybody")
		}
		for _, port := range rule.Ports {
			if port.Port != nil {
				open = append(open, *port.Port)
			}
		}
	}
	for _, rule := range p.Spec.Egress {
		problems = append(problems, checkRule("egress", rule.To, rule.Ports)...)
		for _, port := range rule.Ports {
			if port.Port != nil && port.Port.Type == intstr.String {
				bad("egress: port %s must be a number, since the target pods are not known here", port.Port.StrVal)
			}
		}
	}
	chosen := 0
	for _, d := range all.deployments {
		if !guards(p, d) {
			continue
		}
		chosen++
		var containers core.Container // with the ports of all containers of the pod
		for _, c := range d.Spec.Template.Spec.Containers {
			containers.Ports = append(containers.Ports, c.Ports...)
		}
		for _, port := range open {
			if !hasPort(&containers, port) {
				bad("ingress: deployment %s has no port %s", d.Name, port.String())
			}
		}
		for _, port := range containers.Ports {
			if !slices.Contains(open, intstr.FromString(port.Name)) &&
				!slices.Contains(open, intstr.FromInt32(port.ContainerPort)) {
				bad("nobody may reach port %d of deployment %s", port.ContainerPort, d.Name)
			}
		}
	}
	if chosen == 0 {
		bad("it matches no pods")
	}
	return problems
}

// guards reports whether a policy matches the pods of a Deployment by their labels.
func guards(p *networking.NetworkPolicy, d *apps.Deployment) bool {
	return selects(&p.Spec.PodSelector, d)
}

func checkRule(way string, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort) []error {
	var problems []error
	bad := func(text string) { problems = append(problems, errors.New(way+": "+text)) }

	for _, peer := range peers {
		someone := peer.IPBlock != nil
		for _, s := range []*meta.LabelSelector{peer.NamespaceSelector, peer.PodSelector} {
			selector, err := meta.LabelSelectorAsSelector(s)
			if err != nil {
				bad(err.Error())
			} else if s != nil && !selector.Empty() {
				someone = true
			}
		}
		if !someone {
			bad("a rule matches everybody")
		}
	}
	if len(ports) == 0 {
		bad("a rule opens every port")
	}
	for _, port := range ports {
		if port.Port == nil {
			bad("a rule opens every port")
		}
		if port.Protocol != nil && *port.Protocol != core.ProtocolTCP && *port.Protocol != core.ProtocolUDP {
			bad(fmt.Sprintf("there is no protocol %q", *port.Protocol))
		}
	}
	return problems
}
