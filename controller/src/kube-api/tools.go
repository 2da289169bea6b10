//go:build tools

// Package kubeapi names the programs that the controller's tests run against, so that go.mod pins
// them and all that they are built from. .ci/kube-api builds them.
package kubeapi

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
