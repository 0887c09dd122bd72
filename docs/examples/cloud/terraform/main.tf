# The identity provider and one least-privilege role for each job of Holdfast. What each may do is ../policies.json, which the CloudFormation
# template is made of too.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81, < 7.0"
    }
  }
}

variable "repository" {
  type        = string
  description = "owner/name of the repository, as GitHub spells it."
  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be owner/name."
  }
}

variable "repository_id" {
  type        = string
  description = "gh api repos/OWNER/REPO --jq .id"
}

variable "owner_id" {
  type        = string
  description = "gh api repos/OWNER/REPO --jq .owner.id"
}

variable "immutable_subjects" {
  type        = bool
  description = "gh api repos/OWNER/REPO/actions/oidc/customization/sub --jq .use_immutable_subject; true for repositories made after 2026-07-15."
}

variable "protected_clusters" {
  type        = list(string)
  description = "Ids of the clusters in holdfast.yml: no role may delete, change or tag them."
  validation {
    condition     = length(var.protected_clusters) > 0
    error_message = "Name at least one cluster."
  }
}

variable "provider_arn" {
  type        = string
  default     = null
  description = "An identity provider for token.actions.githubusercontent.com that the account already has; made where none is named."
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  owner    = split("/", var.repository)[0]
  name     = split("/", var.repository)[1]
  subject  = var.immutable_subjects ? "repo:${local.owner}@${var.owner_id}/${local.name}@${var.repository_id}" : "repo:${var.repository}"
  provider = var.provider_arn != null ? var.provider_arn : aws_iam_openid_connect_provider.github[0].arn

  protected = [for id in var.protected_clusters : "arn:*:rds:*:*:cluster:${id}"]
  source = jsondecode(
    replace(
      templatefile("${path.module}/../policies.json", {
        partition     = data.aws_partition.current.partition
        account       = data.aws_caller_identity.current.account_id
        provider      = local.provider
        subject       = local.subject
        environment   = "ENVIRONMENT"
        repository_id = var.repository_id
        protected     = "PROTECTED"
      }),
      "\"PROTECTED\"", join(", ", [for arn in local.protected : jsonencode(arn)])
    )
  )
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.provider_arn == null ? 1 : 0
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_policy" "boundary" {
  name        = "holdfast-boundary"
  description = "The most that any role of Holdfast may ever do."
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.source.boundary })
}

resource "aws_iam_role" "job" {
  for_each             = local.source.roles
  name                 = "holdfast-${each.key}"
  description          = each.value.about
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy = replace(
    jsonencode({ Version = "2012-10-17", Statement = [local.source.trust] }),
    ":environment:ENVIRONMENT", ":environment:${each.value.environment}"
  )
}

resource "aws_iam_role_policy" "job" {
  for_each = local.source.roles
  name     = "job"
  role     = aws_iam_role.job[each.key].id
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}

output "roles" {
  description = "For the variable AWS_ROLE_ARN of the environment of each job."
  value       = { for name, role in aws_iam_role.job : local.source.roles[name].environment => role.arn }
}
