// SPDX-License-Identifier: MIT
/*
 * A driver for the educational PCI device of QEMU (docs/specs/edu.rst): the
 * shortest one that claims a device, maps its registers, takes its interrupt
 * and gives all of it back.
 *
 * The device computes factorials. The driver asks for one in probe() and logs
 * the result from its interrupt handler.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>

/* PCI_VENDOR_ID_QEMU of pci_ids.h, and the device ID that QEMU gives it. */
#define EDU_VENDOR_ID 0x1234
#define EDU_DEVICE_ID 0x11e8

/* Registers in BAR 0, 32 bits each. */
#define EDU_ID 0x00		/* 0xRRrr00ed: major and minor revision */
#define EDU_LIVENESS 0x04	/* reads as the inverse of what was written */
#define EDU_FACTORIAL 0x08	/* takes n, then gives n! modulo 2^32 */
#define EDU_STATUS 0x20
#define EDU_IRQ_STATUS 0x24
#define EDU_IRQ_ACK 0x64

#define EDU_STATUS_COMPUTING BIT(0)
#define EDU_STATUS_RAISE_IRQ BIT(7)
#define EDU_IRQ_FACTORIAL BIT(0)

#define EDU_LIVENESS_PATTERN 0x600df00d

static unsigned int number = 5;
module_param(number, uint, 0444);
MODULE_PARM_DESC(number, "The number whose factorial the device computes (0 to 12)");

struct edu {
	struct pci_dev *pdev;
	void __iomem *registers;
	struct completion computed;
};

static irqreturn_t edu_interrupt(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = readl(edu->registers + EDU_IRQ_STATUS);

	/* The line may be shared: another device has raised it. */
	if (!(status & EDU_IRQ_FACTORIAL))
		return IRQ_NONE;

	writel(status, edu->registers + EDU_IRQ_ACK);
	complete(&edu->computed);
	return IRQ_HANDLED;
}

static int edu_compute(struct edu *edu)
{
	reinit_completion(&edu->computed);
	writel(EDU_STATUS_RAISE_IRQ, edu->registers + EDU_STATUS);
	writel(number, edu->registers + EDU_FACTORIAL);
	if (!wait_for_completion_timeout(&edu->computed, 2 * HZ))
		return -ETIMEDOUT;

	pci_info(edu->pdev, "%u! = %u\n", number,
		 readl(edu->registers + EDU_FACTORIAL));
	return 0;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	u32 revision;
	int err;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	init_completion(&edu->computed);
	pci_set_drvdata(pdev, edu);

	/* pcim_ and devm_ functions undo themselves when the driver lets go. */
	err = pcim_enable_device(pdev);
	if (err)
		return err;
	err = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (err)
		return err;
	edu->registers = pcim_iomap_table(pdev)[0];

	writel(EDU_LIVENESS_PATTERN, edu->registers + EDU_LIVENESS);
	if (readl(edu->registers + EDU_LIVENESS) != ~EDU_LIVENESS_PATTERN)
		return dev_err_probe(&pdev->dev, -EIO, "it does not answer\n");

	/* A message signalled interrupt is written to memory by the device. */
	pci_set_master(pdev);
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		return err;
	err = request_irq(pci_irq_vector(pdev, 0), edu_interrupt, IRQF_SHARED,
			  KBUILD_MODNAME, edu);
	if (err)
		goto free_vectors;

	revision = readl(edu->registers + EDU_ID);
	pci_info(pdev, "revision %u.%u\n", revision >> 24, revision >> 16 & 0xff);
	err = edu_compute(edu);
	if (err)
		goto free_interrupt;
	return 0;

free_interrupt:
	free_irq(pci_irq_vector(pdev, 0), edu);
free_vectors:
	pci_free_irq_vectors(pdev);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	/* No interrupt may come once its handler is gone. */
	writel(0, edu->registers + EDU_STATUS);
	free_irq(pci_irq_vector(pdev, 0), edu);
	pci_free_irq_vectors(pdev);
	pci_info(pdev, "released\n");
}

/* modpost turns this table into the aliases by which modprobe finds it. */
static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR_ID, EDU_DEVICE_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};

static int __init edu_init(void)
{
	/* 13! does not fit into the device's register. */
	if (number > 12) {
		pr_err("number is %u, not 0 to 12\n", number);
		return -EINVAL;
	}
	return pci_register_driver(&edu_driver);
}

static void __exit edu_exit(void)
{
	pci_unregister_driver(&edu_driver);
}

module_init(edu_init);
module_exit(edu_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_AUTHOR("The vscode-kmod authors");
MODULE_DESCRIPTION("Drives QEMU's educational PCI device");
