// SPDX-License-Identifier: MIT
/* Exports one symbol, so that chain_top can not be loaded without this module. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

#include "chain.h"

int chain_twice(int value)
{
	return 2 * value;
}
EXPORT_SYMBOL_GPL(chain_twice);

static int __init chain_base_init(void)
{
	pr_info("ready\n");
	return 0;
}

static void __exit chain_base_exit(void)
{
	pr_info("gone\n");
}

module_init(chain_base_init);
module_exit(chain_base_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_AUTHOR("The vscode-kmod authors");
MODULE_DESCRIPTION("The lower module of the chain: exports chain_twice");
